import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'

const input = z.object({ file: z.string(), label: z.string().default('x') })
const count = (file: string, label: string) => {
  appendFileSync(file, `${label} ${Date.now()}\n`)
  return readFileSync(file, 'utf8').trim().split('\n').length
}

/** Fails at the first two attempts. It writes down each. */
const third = defineTool({
  name: 'third',
  description: 'Succeeds at the third attempt.',
  input,
  effect: 'idempotent',
  async execute({ file, label }) {
    if (count(file, label) < 3) throw new Error('the server said 500')
    return 'there'
  },
})

/** Acts once, and then never answers in its first process. */
const once = defineTool({
  name: 'once',
  description: 'Acts, and hangs.',
  input,
  effect: 'at-most-once',
  async execute({ file, label }, { signal }) {
    count(file, label)
    await sleep(60_000, undefined, { signal })
    return 'done'
  },
})

/** Writes a label down, slowly as long as a file is not there. */
const note = defineTool({
  name: 'note',
  description: 'Writes a label down.',
  input,
  effect: 'idempotent',
  async execute({ file, label }, { signal }) {
    while (!existsSync(`${file}.go`)) await sleep(5, undefined, { signal })
    appendFileSync(file, `${label}\n`)
    return label
  },
})

export default [third, once, note]
