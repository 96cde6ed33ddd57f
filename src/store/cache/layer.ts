/**
 * A result that is kept: as JSON, until when (ms), and how its tags were marked when it was begun. `shared`: the marks of the server
 * that several nodes share, where this process had them.
 */
export type CacheEntry = {
  readonly text: string
  readonly until: number
  readonly marks: TagMarks
  readonly shared?: TagMarks
}

/** Each tag has a mark, which is another one after each drop. '' has one too: it changes when the marks themselves were lost. */
export type TagMarks = { readonly [tag: string]: string }

/** One place where results are kept. What it cannot read it has not. */
export interface CacheLayer {
  readonly name: 'memory' | 'redis' | 'disk'
  get(key: string): Promise<CacheEntry | undefined> | CacheEntry | undefined
  set(key: string, entry: CacheEntry): Promise<void> | void
  /** What is kept there; absent: that is not counted. */
  size?(): Promise<LayerSize> | LayerSize
  /** Lets go of what was kept with that tag, and tells how many they were; absent: it goes with its time. */
  forget?(tag: string): Promise<number> | number
  /** Why it does not work, when it does not. */
  problem?(): string | undefined
}

/** What a place keeps: how many entries, their bytes, and how many bytes at most. */
export type LayerSize = { readonly entries: number; readonly bytes: number; readonly most: number }

/** The tag that everything has. */
export const ALL_TAGS = ''

/** Whether it was kept with that tag. */
export const isTagged = ({ marks }: CacheEntry, tag: string): boolean => Object.hasOwn(marks, tag)

/** Who knows which tags were dropped. */
export interface CacheTags {
  /** Undefined: it cannot be told just now. */
  marksOf(tags: readonly string[]): Promise<TagMarks | undefined>
  /** Voids what has that tag, ALL: everything. Rejects when that could not be noted. */
  drop(tag: string): Promise<void>
}

/** Whether nothing with one of these tags was dropped between the two. */
export function sameMarks(marks: TagMarks, now: TagMarks): boolean {
  const tags = Object.keys(marks)
  return tags.length === Object.keys(now).length && tags.every((tag) => marks[tag] === now[tag])
}

/** The longest that a result is kept, in ms: so long it has to be known which tags were dropped. */
export const MAX_TTL_MS = 30 * 86_400_000
