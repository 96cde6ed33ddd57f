import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'

/** Waits for a file. */
const hold = defineTool({
  name: 'hold',
  description: 'Waits for a file.',
  input: z.object({ file: z.string() }),
  effect: 'idempotent',
  async execute({ file }, { signal }) {
    while (!existsSync(file)) await sleep(5, undefined, { signal })
    return 'there'
  },
})

/** Fails while a file is not there. */
const flaky = defineTool({
  name: 'flaky',
  description: 'Fails while a file is not there.',
  input: z.object({ file: z.string() }),
  effect: 'idempotent',
  async execute({ file }) {
    if (!existsSync(file)) throw new Error('the server said 500')
    return 'there'
  },
})

/** Waits for a file, and ignores its signal. */
const deaf = defineTool({
  ...hold,
  name: 'deaf',
  async execute({ file }) {
    while (!existsSync(file)) await sleep(5)
    return 'there'
  },
})

/** Waits for a file, and then fails. It is in no queue. */
const breaks = defineTool({
  ...hold,
  name: 'breaks',
  effect: 'at-most-once',
  async execute(input, context) {
    await hold.execute(input, context)
    throw new Error('the server said 500')
  },
})

export default [hold, flaky, deaf, breaks]
