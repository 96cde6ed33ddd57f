import { type BigIntStats, constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { InvalidError, TerminalError } from '../errors.ts'
import { writeWhole } from '../store/files/durable-file.ts'
import { withLock } from '../store/files/file-lock.ts'
import { ignoreMissing, makePrivate, makePrivateFolder } from '../store/files/private.ts'
import type { Derivation, DerivedKeys, Sealed } from './encryption.ts'
import { deriveKeys, isSealedWith, newDerivation, seal, sealed, unseal } from './encryption.ts'
import { type PassphraseSource, readPassphrase } from './passphrase.ts'

/** A stored secret. Times in ms since the epoch. */
export type StoredSecret = { readonly value: string; readonly setAt: number; readonly rotatedAt?: number }
export type StoredSecrets = ReadonlyMap<string, StoredSecret>

/** A file of secrets, encrypted as a whole with a key derived from a passphrase. */
export interface SecretFile {
  /** The current content; rereads the file after a change. Empty if there is no file. */
  read(): Promise<StoredSecrets>
  /** Replaces the content atomically and durably with the result of `change`. Writers exclude each other. */
  write(change: (kepts: StoredSecrets) => StoredSecrets): Promise<void>
}

/** Options of a file. `cost`: cost of the key derivation for a new file. */
export type SecretFileOptions = PassphraseSource & {
  readonly file: string
  readonly cost?: Pick<Derivation, 'N' | 'r' | 'p'>
}

const MAX_FILE_BYTES = 8 * 1024 * 1024

/** Opens a file of secrets, which may not exist yet. The first access reads it and needs the passphrase. */
export function secretFile({ file, cost, ...source }: SecretFileOptions): SecretFile {
  let keys: { readonly kdf: Derivation; readonly made: DerivedKeys } | undefined
  let last: { readonly stamp: string; readonly kepts: Promise<StoredSecrets> } | undefined

  /** Cached, because the derivation is slow and the salt is stable. */
  async function keysFor(kdf: Derivation, isNew: boolean): Promise<DerivedKeys> {
    if (keys && JSON.stringify(keys.kdf) === JSON.stringify(kdf)) return keys.made
    return deriveKeys(await readPassphrase(source, file, isNew), kdf)
  }

  async function load(): Promise<StoredSecrets> {
    const found = await readSealed(file)
    if (!found) return new Map()
    const made = await keysFor(found.kdf, false)
    if (!isSealedWith(found, made)) throw locked(file)
    keys = { kdf: found.kdf, made }
    const text = unseal(found, made)
    if (text === undefined) throw damaged(file, 'another program changed it')
    return keptsIn(text)
  }

  async function read(): Promise<StoredSecrets> {
    const stamp = await stampOf(file)
    if (stamp === undefined) return new Map()
    if (last?.stamp === stamp) return last.kepts
    const reading = { stamp, kepts: load() }
    last = reading
    // a failed read is repeated, perhaps with another passphrase
    reading.kepts.catch(() => {
      if (last === reading) last = undefined
    })
    return reading.kepts
  }

  async function store(kepts: StoredSecrets, isNew: boolean): Promise<void> {
    const kdf = keys?.kdf ?? newDerivation(cost)
    const made = await keysFor(kdf, isNew)
    keys = { kdf, made }
    const text = JSON.stringify(seal(JSON.stringify(Object.fromEntries(kepts)), kdf, made), null, 2)
    if (text.length > MAX_FILE_BYTES) throw new InvalidError(`There are too many secrets for ${file}.`)
    await writeWhole(file, `${text}\n`, dirname(file), 0o600)
  }

  return {
    read,
    async write(change) {
      makePrivateFolder(dirname(file))
      makePrivate(dirname(file))
      await withLock(join(dirname(file), `${basename(file, '.json')}.lock`), async () => {
        const kepts = await load()
        await store(change(kepts), (await stampOf(file)) === undefined)
      })
    },
  }
}

/** Changes whenever the file changes. */
async function stampOf(file: string): Promise<string | undefined> {
  const stats = await stat(file, { bigint: true }).catch(ignoreMissing)
  return stats && stampText(stats)
}

const stampText = ({ ino, size, mtimeNs }: BigIntStats) => `${ino} ${size} ${mtimeNs}`

async function readSealed(file: string): Promise<Sealed | undefined> {
  const text = await readText(file)
  if (text === undefined) return undefined
  const { success, data } = sealed.safeParse(parsed(text, file))
  if (success) return data
  throw damaged(file, 'it is not a secrets file of this version')
}

async function readText(file: string): Promise<string | undefined> {
  // do not wait: a pipe may have no writer
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(ignoreMissing)
  try {
    const found = await handle?.stat()
    if (found && !found.isFile()) throw damaged(file, 'it is not a file')
    if (found && found.size > MAX_FILE_BYTES) throw damaged(file, 'it is too large')
    return await handle?.readFile('utf8')
  } finally {
    await handle?.close()
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // the message of the parser would repeat content of the file
    throw damaged(file, text.trimEnd().endsWith('}') ? 'it is not JSON' : 'its end is missing')
  }
}

const storedSecret = z.object({ value: z.string(), setAt: z.number(), rotatedAt: z.number().exactOptional() })
const kepts = z.record(z.string(), storedSecret)

const keptsIn = (text: string): StoredSecrets => new Map(Object.entries(kepts.parse(JSON.parse(text))))

function locked(file: string): TerminalError {
  return new TerminalError(`This passphrase does not open the secrets in ${file}.`, {
    code: 'secrets_locked',
    hint: 'Use the passphrase from when the first secret was set.',
  })
}

function damaged(file: string, why: string): TerminalError {
  return new TerminalError(`The secrets in ${file} cannot be read: ${why}.`, {
    code: 'secrets_damaged',
    hint: 'Restore a copy of the file, or remove it and set the secrets again.',
  })
}
