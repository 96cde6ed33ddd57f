import { randomUUID } from 'node:crypto'
import { ALL_TAGS, type CacheTags, type TagMarks } from './layer.ts'

/** Number of distinct tags. One more tag invalidates all earlier results. */
const MAX_TAGS = 10_000

export const newMarks = (): TagMarks => ({ '': randomUUID() })

/** Marks of tags, starting from `known`. `save` gets all marks after a change. */
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
    marksOf: async (tags) => Object.fromEntries(['', ...tags].map((tag) => [tag, marks.get(tag) ?? ''])),
    async drop(tag) {
      if (tag === ALL_TAGS || marks.size > MAX_TAGS) marks = new Map(Object.entries(newMarks()))
      marks.set(tag, randomUUID())
      await saveAll()
    },
  }
}

/** Tags of a cache that is only in memory. */
export const memoryTags = () => createTags(newMarks(), async () => {})
