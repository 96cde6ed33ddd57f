import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InvalidError, NotFoundError, RetryableError, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { makeFolder, syncFolder, writeWhole } from './durable.ts'
import { createLru } from './lru.ts'
import { removeOld, sweepBlobs, TEMPORARY } from './sweep.ts'

/** Values by the hash of their content. */
export interface Blobs {
  /** Stores the value and resolves with the SHA-256 of its JSON (hex) once it is durable; the same value again is the same blob. */
  put(value: Json): Promise<string>
  /** The frozen value. NotFoundError when there is none; a damaged file is a TerminalError of code `damaged` that names it. */
  get(hash: string): Promise<Json>
}

/** Values that go when nothing refers to them any more. */
export interface SweptBlobs extends Blobs {
  /** Removes (`dryRun`: only counts) the blobs that are not in use and were last put before a time, and what writes left behind by then. */
  sweep(sweep: Sweep): Promise<Swept>
}
/** `used` are hashes; `before` is ms since the epoch, far enough back that who put a blob later has said where it is kept. */
export type Sweep = {
  readonly used: ReadonlySet<string>
  readonly before: number
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}
/** What a sweep took. */
export type Swept = { readonly blobs: Taken; readonly drafts: Taken }
/** So many files, so many bytes. */
export type Taken = { readonly count: number; readonly bytes: number }

/** Bytes of JSON: one value, and what is kept parsed. */
export const BLOB_LIMITS = { value: 64 * 1024 * 1024, cache: 64 * 1024 * 1024 } as const

/** Blobs as files `ab/cdef…` below the folder, which is made when first needed. */
export function openBlobs(folder: string): SweptBlobs {
  const parsed = createLru<Json>(BLOB_LIMITS.cache)
  const folders = new Map<string, Promise<void>>()
  const writes = new Map<string, Promise<void>>()
  const removals = new Map<string, Promise<void>>()
  const temporary = join(folder, TEMPORARY)

  async function put(value: Json): Promise<string> {
    const text = JSON.stringify(value)
    checkSize(text)
    const hash = hashOf(text)
    // what is being swept is written anew
    while (removals.has(hash)) await removals.get(hash)
    await once(writes, hash, () => store(hash, text)).finally(() => writes.delete(hash))
    return hash
  }

  async function store(hash: string, text: string): Promise<void> {
    const path = blobPath(folder, hash)
    const shard = dirname(path)
    try {
      if ((await read(path)) === text) return await renew(path, shard)
      for (const needed of [folder, temporary, shard]) await ready(needed)
      await writeWhole(path, text, temporary)
    } catch (error) {
      throw storageError(`cannot store blob ${hash} in ${folder}`, error)
    }
  }

  function ready(needed: string): Promise<void> {
    const made = once(folders, needed, () => makeFolder(needed))
    made.catch(() => folders.delete(needed))
    return made
  }

  async function get(hash: string): Promise<Json> {
    const known = parsed.get(hash)
    if (known !== undefined) return known
    const text = await load(folder, hash)
    const value = freeze(JSON.parse(text))
    parsed.set(hash, value, text.length)
    return value
  }

  /** Takes a file away unless it was put again meanwhile. */
  async function remove(hash: string, path: string, before: number): Promise<void> {
    if (writes.has(hash)) return
    await once(removals, hash, () => removeOld(path, before)).finally(() => removals.delete(hash))
  }

  return { put, get, sweep: (sweep) => sweepBlobs(folder, sweep, (hash, path) => remove(hash, path, sweep.before)) }
}

// a sweep spares what was put lately
async function renew(path: string, shard: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
  await syncFolder(shard)
}

async function load(folder: string, hash: string): Promise<string> {
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw new NotFoundError(`${JSON.stringify(hash.slice(0, 80))} is not the hash of a blob`)
  const path = blobPath(folder, hash)
  const text = await read(path).catch((error) => {
    throw storageError(`cannot read blob ${hash} in ${folder}`, error)
  })
  if (text === undefined) throw new NotFoundError(`there is no blob ${hash}`)
  if (hashOf(text) !== hash)
    throw new TerminalError(`blob ${hash} is damaged: ${path} holds something else`, { code: 'damaged' })
  return text
}

/** Where a blob lies in its folder. */
export function blobPath(folder: string, hash: string): string {
  return join(folder, hash.slice(0, 2), hash.slice(2))
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

// a full or failing disk may be put right, so this is worth another try
function storageError(what: string, cause: unknown): RetryableError {
  return new RetryableError(`${what}: ${(cause as Error).message}`, { code: 'storage', cause })
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function checkSize(text: string): void {
  if (Buffer.byteLength(text) <= BLOB_LIMITS.value) return
  const limit = `${BLOB_LIMITS.value / 1024 / 1024} MiB`
  throw new InvalidError(`a value of ${Buffer.byteLength(text)} bytes is larger than ${limit}`, { code: 'too_large' })
}

/** Shared values must not change under their readers. A list instead of recursion: values may be deep. */
function freeze(value: Json): Json {
  const open: Json[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue
    open.push(...Object.values(next).filter((item) => item !== undefined))
    Object.freeze(next)
  }
  return value
}

/** Who comes while `make` is under way shares its outcome. */
function once(running: Map<string, Promise<void>>, key: string, make: () => Promise<void>): Promise<void> {
  const promise = running.get(key) ?? make()
  running.set(key, promise)
  return promise
}
