import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'

/** Writes a line into a log that counts its effects. */
const note = defineTool({
  name: 'note',
  description: 'Writes a line',
  input: z.object({ log: z.string(), line: z.string() }),
  effect: 'at-most-once',
  execute({ log, line }, { idempotencyKey }) {
    appendFileSync(log, `${line} ${idempotencyKey}\n`)
    return { noted: line }
  },
})

/** Says as much as is asked for. */
const say = defineTool({
  name: 'say',
  description: 'Says so many letters',
  input: z.object({ letters: z.number() }),
  effect: 'pure',
  execute: ({ letters }) => ({ said: 'x'.repeat(letters) }),
})

const bug = defineTool({
  name: 'bug',
  description: 'Fails',
  input: z.object({}),
  effect: 'pure',
  execute: () => {
    throw new TypeError('a bug in a tool')
  },
})

/** Waits for a file. */
const hold = defineTool({
  name: 'hold',
  description: 'Waits for a file',
  input: z.object({ file: z.string() }),
  effect: 'idempotent',
  async execute({ file }, { signal }) {
    while (!existsSync(file)) await sleep(5, undefined, { signal })
    return { held: true }
  },
})

export default [note, say, bug, hold]
