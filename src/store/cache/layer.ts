import { createLru } from '../lru.ts'

/**
 * A cached result: JSON text, expiry (ms since the epoch) and the marks of its tags when the
 * computation started. `shared`: the marks of the shared server, if known.
 */
export type CacheEntry = {
  readonly text: string
  readonly until: number
  readonly marks: TagMarks
  readonly shared?: TagMarks
}

/** A random mark per tag; a drop replaces it. The tag '' also has a mark, which changes if the marks are lost. */
export type TagMarks = { readonly [tag: string]: string }

/** One layer of the cache. A layer treats unreadable entries as missing. */
export interface CacheLayer {
  readonly name: 'memory' | 'redis' | 'disk'
  get(key: string): Promise<CacheEntry | undefined> | CacheEntry | undefined
  set(key: string, entry: CacheEntry): Promise<void> | void
  /** The size of the layer; absent: not counted. */
  size?(): Promise<LayerSize> | LayerSize
  /** Deletes the entries with a tag and returns their number; absent: entries stay until they expire. */
  forget?(tag: string): Promise<number> | number
  /** Why the layer does not work; undefined if it works. */
  problem?(): string | undefined
}

/** Number of entries, their bytes, and the capacity in bytes. */
type LayerSize = { readonly entries: number; readonly bytes: number; readonly most: number }

/** A tag that all entries have. */
export const ALL_TAGS = ''

export const isTagged = ({ marks }: CacheEntry, tag: string): boolean => Object.hasOwn(marks, tag)

/** Records which tags were dropped. */
export interface CacheTags {
  /** Undefined if the marks are unavailable at the moment. */
  marksOf(tags: readonly string[]): Promise<TagMarks | undefined>
  /** Invalidates all results with this tag; ALL_TAGS: all results. Rejects if the drop could not be recorded. */
  drop(tag: string): Promise<void>
}

/** Whether no tag was dropped between the two readings. */
export function sameMarks(marks: TagMarks, now: TagMarks): boolean {
  const tags = Object.keys(marks)
  return tags.length === Object.keys(now).length && tags.every((tag) => marks[tag] === now[tag])
}

/** Maximum lifetime in ms. Drops must be remembered this long. */
export const MAX_TTL_MS = 30 * 86_400_000

/** Estimated bytes per entry besides its text. */
const ENTRY_OVERHEAD_BYTES = 512

/** A memory layer that evicts the least recently used entries beyond `bytes`. */
export function memoryLayer(bytes: number): CacheLayer {
  const entries = createLru<CacheEntry>(bytes)
  return {
    name: 'memory',
    get: (key) => entries.get(key),
    set: (key, entry) => entries.set(key, entry, ENTRY_OVERHEAD_BYTES + 2 * entry.text.length),
    size: () => ({ ...entries.size(), most: bytes }),
    forget: (tag) => entries.forget((entry) => isTagged(entry, tag)),
  }
}
