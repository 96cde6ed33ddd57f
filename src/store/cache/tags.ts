import { hash, randomUUID } from 'node:crypto'
import { ALL_TAGS, type CacheTags, type TagMarks } from './layer.ts'

/** Number of distinct tags. One more tag invalidates all earlier results. */
const MAX_TAGS = 10_000

export const newMarks = (): TagMarks => ({ '': randomUUID() })

/** The name under which the mark of a tag is kept. That of a forgotten owner must not stay behind, so it is a hash. */
export const markName = (tag: string): string =>
  tag === ALL_TAGS ? tag : `#${hash('sha256', tag, 'base64url').slice(0, 22)}`

/** Marks of tags, starting from `known`, which has their names. `save` gets all marks after a change. */
export function createTags(known: TagMarks, save: (marks: TagMarks) => Promise<void>): CacheTags {
  let marks = new Map(Object.entries(known))
  let saving = Promise.resolve()

  // sequential: otherwise older marks might be written last
  function saveAll(): Promise<void> {
    const saved = saving.then(() => save(Object.fromEntries(marks)))
    saving = saved.catch(() => {})
    return saved
  }

  return {
    marksOf: async (tags) => Object.fromEntries(['', ...tags].map((tag) => [tag, marks.get(markName(tag)) ?? ''])),
    async drop(tag) {
      if (tag === ALL_TAGS || marks.size > MAX_TAGS) marks = new Map(Object.entries(newMarks()))
      marks.set(markName(tag), randomUUID())
      await saveAll()
    },
  }
}

/** Tags of a cache that is only in memory. */
export const memoryTags = () => createTags(newMarks(), async () => {})
