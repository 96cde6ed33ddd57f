/**
 * Values by the hash of their JSON, in a folder or in a bucket that several nodes share. Use it for values that are
 * too large for the state of an actor, and for values that many runs share. Unused values are collected.
 */

import { createHash, randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { InvalidError, NotFoundError, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { inTurn } from '../../lib/collections/in-turn.ts'
import { textChunks } from '../files/text-chunks.ts'
import { createLru } from '../lru.ts'
import { type BlobStore, RECENT_MS, type StoredBlob } from './blob-store.ts'
import { type ByteSemaphore, createByteSemaphore } from './byte-semaphore.ts'
import { type BlobDraft, type ByteRange, dropDraft } from './draft.ts'
import { folderStore } from './folder-store.ts'
import { type SweepOptions, type SweepResult, sweepBlobs } from './gc.ts'

/** Content-addressed JSON values. */
export interface Blobs {
  /**
   * Stores the value and resolves with the SHA-256 of its JSON (hex) when it is durable. Idempotent. A value that this
   * process made durable in the last 15 minutes is not written again: no sweep takes it by then.
   */
  put(value: Json): Promise<string>
  /** The value, frozen. NotFoundError if missing; TerminalError `damaged` that names the file. */
  get(hash: string): Promise<Json>
  /** The approximate size of the JSON, as far as it is known without reading it. */
  size(hash: string): Promise<number>
}

/** Bytes by their hash, which are never read whole. A value and a file with the same bytes are one blob. */
export interface ByteStore {
  /** Writes bytes to a draft, which is no blob yet. If they fail, nothing is left of it. */
  draft(content: AsyncIterable<Uint8Array>): Promise<BlobDraft>
  /** Makes a draft a blob. Resolves when it is durable, with its mark if nobody else wrote it (`BlobStore.keep`). */
  keep(draft: BlobDraft, own?: string): Promise<string | undefined>
  /** Removes a draft. One that was kept stays. */
  drop(draft: BlobDraft): Promise<void>
  /** The bytes of a blob, or a range of them, as they are. NotFoundError if missing. */
  open(hash: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>
  /** Removes a blob that still has this mark (absent: none). Gives whether it is gone. */
  discard(hash: string, own?: string): Promise<boolean>
  /** The file of a blob on this machine, which nobody changes; undefined if its bytes lie elsewhere. */
  pathOf(hash: string): Promise<string | undefined>
}

/** Blobs with garbage collection. */
export interface ManagedBlobs extends Blobs, ByteStore {
  /** Whether any blob was last written before a time (ms since the epoch). If not, a sweep finds nothing. */
  hasOld(before: number): Promise<boolean>
  /** Removes unused blobs that were last written before a time, and leftovers of writes. `dryRun` only counts them. */
  sweep(sweep: SweepOptions): Promise<SweepResult>
  /** Rejects with the error of the last failed write if writing still fails. */
  check(): Promise<void>
}

/** Bytes of JSON: per value, and for the cache of parsed values. */
const BLOB_LIMITS = { value: 64 * 1024 * 1024, cache: 64 * 1024 * 1024 } as const

/** Blobs as files in a folder, which is created on first use. */
export const openBlobs = (folder: string): ManagedBlobs => createBlobs(folderStore(folder))

/** Blobs in a store, with a cache of recently read values. */
export function createBlobs(
  store: BlobStore,
  gate: ByteSemaphore = createByteSemaphore(MAX_BYTES_IN_FLIGHT),
): ManagedBlobs {
  const parsed = createLru<Json>(BLOB_LIMITS.cache)
  const sizes = createLru<number>(MAX_KNOWN_SIZES)
  const written = createLru<Written>(MAX_KNOWN_SIZES)
  const alone = inTurn()
  let isRefusing = false

  /** Waiting callers hold no serialised text; admitted callers wait only for the disk. */
  async function put(value: Json): Promise<string> {
    const least = await leastLength(value)
    if (least > BLOB_LIMITS.value) throw tooLarge()
    const leave = await gate.enter(least * COPIES_PER_TEXT)
    try {
      return await putText(textOf(value))
    } finally {
      leave()
    }
  }

  async function putText(text: string): Promise<string> {
    const hash = await hashOf(text)
    sizes.set(hash, text.length, 1)
    await alone(hash, async () => {
      if (isFresh(written.get(hash))) return
      await attempt(() => store.write(hash, text))
      written.set(hash, writtenNow(), 1)
    })
    return hash
  }

  async function attempt<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      isRefusing = true
      throw error
    }
  }

  // with a new value: an existing blob would not be written
  async function check(): Promise<void> {
    if (!isRefusing) return
    await put(randomUUID())
    isRefusing = false
  }

  async function get(hash: string): Promise<Json> {
    const known = parsed.get(hash)
    if (known !== undefined) return known
    const text = await load(store, hash)
    const value = await freeze(JSON.parse(text))
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

  /** Removes a blob unless it was written again. */
  async function remove(item: StoredBlob, before: number): Promise<void> {
    const { hash } = item
    if (hash === undefined) return store.remove(item, before)
    await alone(hash, () => {
      written.delete(hash)
      return store.remove(item, before)
    })
  }

  async function hasOld(before: number): Promise<boolean> {
    for await (const _ of store.old(NONE, before)) return true
    return false
  }

  return {
    put,
    get,
    size,
    draft: (content) => store.draft(content),
    // a value with these bytes that comes later is written, which changes the mark
    keep: (draft, own) => alone(draft.hash, () => attempt(() => store.keep(draft, own))),
    async discard(hash, own) {
      if (own !== undefined) await alone(hash, async () => store.discard?.(hash, own))
      return (await store.open(hash, { start: 0, end: 0 })) === undefined
    },
    drop: dropDraft,
    async open(hash, range) {
      checkHash(hash)
      const content = await store.open(hash, range)
      if (!content) throw noBlob(hash)
      return content
    },
    async pathOf(hash) {
      checkHash(hash)
      return store.pathOf?.(hash)
    },
    hasOld,
    check,
    sweep: (sweep) => sweepBlobs(store, sweep, (item) => remove(item, sweep.before)),
  }
}

/** Default limit for bytes of texts that are being written. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
/** The text and its encoded copy. */
const COPIES_PER_TEXT = 2
/** Number of remembered sizes. */
const MAX_KNOWN_SIZES = 20_000
const GUESSED_BYTES = 256 * 1024

/** When this process made a blob durable, by the wall clock and by one that only goes forward. */
type Written = { readonly at: number; readonly elapsed: number }

const writtenNow = (): Written => ({ at: Date.now(), elapsed: performance.now() })

/** By both clocks, because one may be set and the other stands still while the machine sleeps. */
function isFresh(written: Written | undefined): boolean {
  if (!written) return false
  const now = writtenNow()
  const [passed, elapsed] = [now.at - written.at, now.elapsed - written.elapsed]
  return elapsed < FRESH_MS && passed < FRESH_MS && passed >= 0
}
const FRESH_MS = RECENT_MS / 2

const NONE: ReadonlySet<string> = new Set()

async function load(store: BlobStore, hash: string): Promise<string> {
  checkHash(hash)
  const text = await store.read(hash)
  if (text === undefined) throw noBlob(hash)
  if ((await hashOf(text)) !== hash) throw damagedBlob(hash)
  return text
}

function checkHash(hash: string): void {
  if (/^[0-9a-f]{64}$/.test(hash)) return
  throw new NotFoundError(`${JSON.stringify(hash.slice(0, 80))} is not the hash of a blob.`)
}

const noBlob = (hash: string) => new NotFoundError(`There is no blob ${hash}.`)
const damagedBlob = (hash: string) =>
  new TerminalError(`Blob ${hash} is damaged: its content does not match its hash.`, { code: 'damaged' })

/** Work on a large value pauses now and then, so that other work of this process does not wait for all of it. */
const PAUSES = { characters: 4 * 1024 * 1024, items: 50_000 } as const

async function hashOf(text: string): Promise<string> {
  if (text.length > PAUSES.characters) await nextTurn()
  const hash = createHash('sha256')
  let hashed = 0
  for (const piece of textChunks(text)) {
    hash.update(piece)
    hashed += piece.length
    if (hashed < PAUSES.characters) continue
    hashed = 0
    await nextTurn()
  }
  return hash.digest('hex')
}

/** Checks `leastLength` first, because a string cannot hold the largest values. */
function textOf(value: Json): string {
  const text = JSON.stringify(value)
  if (Buffer.byteLength(text) > BLOB_LIMITS.value) throw tooLarge()
  return text
}

/** A lower bound for the characters of the JSON. Stops past the limit. Iterative, because values may be deep. */
async function leastLength(value: Json): Promise<number> {
  const open: Json[] = [value]
  let length = 0
  for (let count = 1; open.length > 0 && length <= BLOB_LIMITS.value; count++) {
    if (count % PAUSES.items === 0) await nextTurn()
    const next = open.pop()!
    length += typeof next === 'string' ? next.length + 2 : 1
    if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) open.push(item ?? null)
  }
  return length
}

function tooLarge(): InvalidError {
  return new InvalidError(`A value is larger than ${BLOB_LIMITS.value / 1024 / 1024} MiB.`, { code: 'too_large' })
}

/** Freezes shared values. Iterative, because values may be deep. */
async function freeze(value: Json): Promise<Json> {
  const open: Json[] = [value]
  let count = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (++count % PAUSES.items === 0) await nextTurn()
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue
    // one by one: a call accepts only about 100 000 arguments
    for (const item of Object.values(next)) if (item !== undefined) open.push(item)
    Object.freeze(next)
  }
  return value
}

/** Copies all blobs to another store and checks their hashes. Durable when it resolves. */
export async function copyBlobs(from: BlobStore, to: BlobStore): Promise<void> {
  for await (const { hash } of from.old(NONE, Number.POSITIVE_INFINITY)) {
    const content = hash === undefined ? undefined : await from.open(hash)
    if (!content || hash === undefined) continue
    const draft = await to.draft(content)
    if (draft.hash === hash) await to.keep(draft)
    else {
      await dropDraft(draft)
      throw damagedBlob(hash)
    }
  }
}
