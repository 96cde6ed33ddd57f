import { setTimeout } from 'node:timers/promises'
import { defineTool } from 'antiphon'
import { z } from 'zod'

// simulates the time that a real service takes
const SERVICE_TIME_MS = 1000

export default defineTool({
  name: 'count-words',
  description: 'Counts the words in a string',
  // pure: safe to repeat, and may start before its message is on disk
  // · idempotent: safe to repeat · at-most-once: never repeated
  effect: 'idempotent',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  async execute({ text }, { signal }) {
    await setTimeout(SERVICE_TIME_MS, undefined, { signal })
    return { words: text.split(/\s+/).filter(Boolean).length }
  },
})
