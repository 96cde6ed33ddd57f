import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../src/tool/tool.ts'

/** A step that takes a moment, and says something on its way. */
export default defineTool({
  name: 'pace',
  description: 'Takes a moment.',
  effect: 'idempotent',
  input: z.strictObject({ n: z.number() }),
  async execute({ n }, { emit }) {
    emit({ type: 'pace', n })
    await sleep(2)
    return { n }
  },
})
