import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../src/tool/tool.ts'

/** A step that takes a moment, and says something on its way. */
const pace = defineTool({
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

/** A step that ends only when there is such a file. */
const gate = defineTool({
  name: 'gate',
  description: 'Waits until a file is there.',
  effect: 'idempotent',
  input: z.strictObject({ file: z.string() }),
  async execute({ file }) {
    while (!existsSync(file)) await sleep(10)
    return { file }
  },
})

export default [pace, gate]
