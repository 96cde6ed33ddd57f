import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { InvalidError, TerminalError } from '../errors.ts'
import type { EnvironmentVariables } from './redaction.ts'

/** Sources of a passphrase: a file, `ANTIPHON_KEY_FILE`, `ANTIPHON_PASSPHRASE`, or a prompt. */
export type PassphraseSource = {
  readonly environment: EnvironmentVariables
  readonly keyFile?: string
  /** `isNew`: nothing is encrypted with it yet. Absent: no prompt is possible. */
  ask?(isNew: boolean): Promise<string | undefined>
}

const MIN_PASSPHRASE_LENGTH = 12
const MAX_PASSPHRASE_BYTES = 64 * 1024
const HOW_TO =
  'Set ANTIPHON_KEY_FILE to a file that only you can read and that holds the passphrase, or ANTIPHON_PASSPHRASE to the passphrase itself.'

/**
 * Reads the passphrase. `about`: the file it opens.
 * @throws TerminalError `secrets_locked` if there is none, InvalidError if its file is invalid
 */
export async function readPassphrase(source: PassphraseSource, about: string, isNew: boolean): Promise<Buffer> {
  const passphrase = await find(source, isNew)
  if (!passphrase?.length)
    throw new TerminalError(`The secrets in ${about} are locked, and there is no passphrase.`, {
      code: 'secrets_locked',
      hint: HOW_TO,
    })
  if (isNew && passphrase.length < MIN_PASSPHRASE_LENGTH)
    throw new InvalidError(`A passphrase must have at least ${MIN_PASSPHRASE_LENGTH} bytes.`, {
      hint: 'To create a strong one: openssl rand -base64 32',
    })
  return passphrase
}

async function find({ environment, keyFile, ask }: PassphraseSource, isNew: boolean): Promise<Buffer | undefined> {
  const file = keyFile || environment.ANTIPHON_KEY_FILE
  if (file) return readKeyFile(file)
  const passphrase = environment.ANTIPHON_PASSPHRASE || (await ask?.(isNew))
  return passphrase === undefined ? undefined : Buffer.from(passphrase)
}

/** The content without the final line break. InvalidError if other users can read the file. */
async function readKeyFile(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: Error) => {
    throw new InvalidError(`The key file ${file} cannot be read: ${cause.message}`)
  })
  try {
    await checkKeyFile(handle, file)
    return withoutEnd(await handle.readFile())
  } finally {
    await handle.close()
  }
}

/** Editors and `echo` add a final newline. */
function withoutEnd(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== 0x0a) return bytes
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1)
}

async function checkKeyFile(handle: FileHandle, file: string): Promise<void> {
  const stats = await handle.stat()
  const wrong = (message: string, hint?: string) => new InvalidError(message, { hint })
  if (!stats.isFile()) throw wrong(`The key file ${file} is not a file.`)
  // Windows has no such permissions
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0)
    throw wrong(`The key file ${file} is readable by other users.`, `Restrict it: chmod 600 ${file}`)
  if (stats.size === 0 || stats.size > MAX_PASSPHRASE_BYTES)
    throw wrong(`The key file ${file}: expected 1 to ${MAX_PASSPHRASE_BYTES} bytes, got ${stats.size}.`)
}
