import { randomUUID } from 'node:crypto'
import { ALL_TAGS, type CacheTags, type TagMarks } from './layer.ts'

/** So many tags are told apart; with one more, all results that were begun before are void. */
const MAX_TAGS = 10_000

/** Marks of a cache of which nothing was dropped yet. */
export const newMarks = (): TagMarks => ({ '': randomUUID() })

/** The marks of tags, from those that are known; `save` gets them all when they change. */
export function createTags(known: TagMarks, save: (marks: TagMarks) => Promise<void>): CacheTags {
  let marks = new Map(Object.entries(known))
  let saving = Promise.resolve()

  // one after the other: of two at once the older marks might be the last to be written
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

/** Tags of a cache that lives in memory alone. */
export const memoryTags = () => createTags(newMarks(), async () => {})
