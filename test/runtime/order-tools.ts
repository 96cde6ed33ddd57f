import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../src/index.ts'

/** Takes a worker until the file `go` exists. */
const hold = defineTool({
  name: 'hold',
  description: 'Waits for the file go.',
  input: z.object({}),
  effect: 'idempotent',
  async execute(_, { root, signal }) {
    appendFileSync(join(root, 'held'), '')
    while (!existsSync(join(root, 'go'))) await sleep(5, undefined, { signal })
    return 'there'
  },
})

/** Writes down the order in which calls are made. */
const note = defineTool({
  name: 'note',
  description: 'Notes a word.',
  input: z.object({ word: z.string() }),
  effect: 'idempotent',
  async execute({ word }, { root }) {
    appendFileSync(join(root, 'order'), `${word} `)
    return word
  },
})

export default [hold, note]
