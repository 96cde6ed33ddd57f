import { createHash, randomUUID } from 'node:crypto'
import { InvalidError, NotFoundError, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { textChunks } from '../files/text-chunks.ts'
import { createLru } from '../lru.ts'
import type { BlobStore, StoredBlob } from './blob-store.ts'
import { type ByteSemaphore, createByteSemaphore } from './byte-semaphore.ts'
import { folderStore } from './folder-store.ts'
import { type SweepOptions, type SweepResult, sweepBlobs } from './gc.ts'

/** Values by the hash of their content. */
export interface Blobs {
  /** Stores the value and resolves with the SHA-256 of its JSON (hex) once it is durable; the same value again is the same blob. */
  put(value: Json): Promise<string>
  /** The frozen value. NotFoundError when there is none; a damaged file is a TerminalError of code `damaged` that names it. */
  get(hash: string): Promise<Json>
  /** About how many bytes of JSON the value has, as far as that can be told at once. */
  size(hash: string): Promise<number>
}

/** Values that go when nothing refers to them any more. */
export interface ManagedBlobs extends Blobs {
  /** Whether anything here was last put before a time (ms since the epoch), in use or not: else a sweep finds nothing. */
  hasOld(before: number): Promise<boolean>
  /** Removes (`dryRun`: only counts) the blobs that are not in use and were last put before a time, and what writes left behind by then. */
  sweep(sweep: SweepOptions): Promise<SweepResult>
  /** Rejects as the last put did where that could not be stored, and nothing can be now. */
  check(): Promise<void>
}

/** Bytes of JSON: one value, and what is kept parsed. */
export const BLOB_LIMITS = { value: 64 * 1024 * 1024, cache: 64 * 1024 * 1024 } as const

/** Blobs as files below a folder, which is made when first needed. */
export const openBlobs = (folder: string): ManagedBlobs => createBlobs(folderStore(folder))

/** Blobs in a store; what was read last is kept in memory. */
export function createBlobs(
  store: BlobStore,
  gate: ByteSemaphore = createByteSemaphore(MAX_BYTES_IN_FLIGHT),
): ManagedBlobs {
  const parsed = createLru<Json>(BLOB_LIMITS.cache)
  const sizes = createLru<number>(MAX_KNOWN_SIZES)
  const writes = new Map<string, Promise<void>>()
  const removals = new Map<string, Promise<void>>()
  let isRefusing = false

  /** Whoever waits here holds no text yet, and whoever is in waits for the disk alone. */
  async function put(value: Json): Promise<string> {
    const least = leastLength(value)
    if (least > BLOB_LIMITS.value) throw tooLarge()
    const leave = await gate.enter(least * COPIES_PER_TEXT)
    try {
      return await putText(textOf(value))
    } finally {
      leave()
    }
  }

  async function putText(text: string): Promise<string> {
    const hash = hashOf(text)
    sizes.set(hash, text.length, 1)
    // what is being swept is written anew
    while (removals.has(hash)) await removals.get(hash)
    await once(writes, hash, () => write(hash, text)).finally(() => writes.delete(hash))
    return hash
  }

  async function write(hash: string, text: string): Promise<void> {
    try {
      await store.write(hash, text)
    } catch (error) {
      isRefusing = true
      throw error
    }
  }

  // by a value that is new: what is there already would not be written
  async function check(): Promise<void> {
    if (!isRefusing) return
    await put(randomUUID())
    isRefusing = false
  }

  async function get(hash: string): Promise<Json> {
    const known = parsed.get(hash)
    if (known !== undefined) return known
    const text = await load(store, hash)
    const value = freeze(JSON.parse(text))
    sizes.set(hash, text.length, 1)
    parsed.set(hash, value, text.length)
    return value
  }

  async function size(hash: string): Promise<number> {
    const known = sizes.get(hash)
    if (known !== undefined) return known
    const found = (await store.size?.(hash)) ?? GUESSED_BYTES
    sizes.set(hash, found, 1)
    return found
  }

  /** Takes a blob away unless it was put again meanwhile. */
  async function remove(item: StoredBlob, before: number): Promise<void> {
    const { hash } = item
    if (hash === undefined) return store.remove(item, before)
    if (writes.has(hash)) return
    await once(removals, hash, () => store.remove(item, before)).finally(() => removals.delete(hash))
  }

  async function hasOld(before: number): Promise<boolean> {
    for await (const _ of store.old(NONE, before)) return true
    return false
  }

  return {
    put,
    get,
    size,
    hasOld,
    check,
    sweep: (sweep) => sweepBlobs(store, sweep, (item) => remove(item, sweep.before)),
  }
}

/** Bytes of texts that are on their way to the store, unless it is said otherwise. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
/** A text, and what is made of it to write it. */
const COPIES_PER_TEXT = 2
/** How many sizes are remembered, and what is thought of a value whose size the store does not tell. */
const MAX_KNOWN_SIZES = 20_000
const GUESSED_BYTES = 256 * 1024

const NONE: ReadonlySet<string> = new Set()

async function load(store: BlobStore, hash: string): Promise<string> {
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw new NotFoundError(`${JSON.stringify(hash.slice(0, 80))} is not the hash of a blob`)
  const text = await store.read(hash)
  if (text === undefined) throw new NotFoundError(`there is no blob ${hash}`)
  if (hashOf(text) !== hash)
    throw new TerminalError(`blob ${hash} is damaged: what lies there under that name is something else`, {
      code: 'damaged',
    })
  return text
}

function hashOf(text: string): string {
  const hash = createHash('sha256')
  for (const piece of textChunks(text)) hash.update(piece)
  return hash.digest('hex')
}

/** The JSON of a value that is not too long already by `leastLength`: no text can hold the largest. */
function textOf(value: Json): string {
  const text = JSON.stringify(value)
  if (Buffer.byteLength(text) > BLOB_LIMITS.value) throw tooLarge()
  return text
}

/** Characters that the JSON of a value has at least; gives up counting past the limit. A list instead of recursion: values may be deep. */
function leastLength(value: Json): number {
  const open: Json[] = [value]
  let length = 0
  while (open.length > 0 && length <= BLOB_LIMITS.value) {
    const next = open.pop()!
    length += typeof next === 'string' ? next.length + 2 : 1
    if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) open.push(item ?? null)
  }
  return length
}

function tooLarge(): InvalidError {
  return new InvalidError(`a value is larger than ${BLOB_LIMITS.value / 1024 / 1024} MiB`, { code: 'too_large' })
}

/** Shared values must not change under their readers. A list instead of recursion: values may be deep. */
function freeze(value: Json): Json {
  const open: Json[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue
    // one by one: a call takes no more than some 100 000 arguments
    for (const item of Object.values(next)) if (item !== undefined) open.push(item)
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

/** Copies all blobs of a store into another one, each checked by its hash; durable when this resolves. */
export async function copyBlobs(from: BlobStore, to: BlobStore): Promise<void> {
  const [source, target] = [createBlobs(from), createBlobs(to)]
  for await (const { hash } of from.old(new Set(), Number.POSITIVE_INFINITY))
    if (hash !== undefined) await target.put(await source.get(hash))
}
