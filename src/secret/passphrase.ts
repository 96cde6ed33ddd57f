import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { InvalidError, TerminalError } from '../errors.ts'
import type { EnvironmentVariables } from './redaction.ts'

/** Where a passphrase comes from: a file, `ANTIPHON_KEY_FILE`, `ANTIPHON_PASSPHRASE`, or a person who is asked. */
export type PassphraseSource = {
  readonly environment: EnvironmentVariables
  readonly keyFile?: string
  /** `isNew`: nothing is sealed with it yet. Absent: there is nobody to ask */
  ask?(isNew: boolean): Promise<string | undefined>
}

const MIN_PASSPHRASE_LENGTH = 12
const MAX_PASSPHRASE_BYTES = 64 * 1024
const HOW_TO =
  'Set ANTIPHON_KEY_FILE to a file that only you can read and that holds the passphrase, or ANTIPHON_PASSPHRASE to the passphrase itself.'

/** The passphrase; TerminalError `secrets_locked` when there is none, InvalidError when its file will not do. `about`: what it opens. */
export async function readPassphrase(source: PassphraseSource, about: string, isNew: boolean): Promise<Buffer> {
  const passphrase = await find(source, isNew)
  if (!passphrase?.length)
    throw new TerminalError(`The secrets in ${about} are locked, and no passphrase is at hand.`, {
      code: 'secrets_locked',
      hint: HOW_TO,
    })
  if (isNew && passphrase.length < MIN_PASSPHRASE_LENGTH)
    throw new InvalidError(`A passphrase has at least ${MIN_PASSPHRASE_LENGTH} bytes.`, {
      hint: 'One that nobody guesses: openssl rand -base64 32',
    })
  return passphrase
}

async function find({ environment, keyFile, ask }: PassphraseSource, isNew: boolean): Promise<Buffer | undefined> {
  const file = keyFile || environment.ANTIPHON_KEY_FILE
  if (file) return readKeyFile(file)
  const passphrase = environment.ANTIPHON_PASSPHRASE || (await ask?.(isNew))
  return passphrase === undefined ? undefined : Buffer.from(passphrase)
}

/** All that the file holds but the end of its last line; InvalidError when others can read it. */
async function readKeyFile(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY).catch((cause: Error) => {
    throw new InvalidError(`The key file ${file} cannot be read: ${cause.message}`)
  })
  try {
    await checkKeyFile(handle, file)
    return withoutEnd(await handle.readFile())
  } finally {
    await handle.close()
  }
}

/** Without a newline at its end, which editors and `echo` put there. */
function withoutEnd(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== 0x0a) return bytes
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1)
}

async function checkKeyFile(handle: FileHandle, file: string): Promise<void> {
  const stats = await handle.stat()
  const wrong = (message: string, hint?: string) => new InvalidError(message, { hint })
  if (!stats.isFile()) throw wrong(`The key file ${file} is not a file.`)
  // Windows has no such rights
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0)
    throw wrong(`The key file ${file} can be read by others than its owner.`, `Take their rights: chmod 600 ${file}`)
  if (stats.size === 0 || stats.size > MAX_PASSPHRASE_BYTES)
    throw wrong(`The key file ${file} holds ${stats.size} bytes; 1 to ${MAX_PASSPHRASE_BYTES} are expected.`)
}
