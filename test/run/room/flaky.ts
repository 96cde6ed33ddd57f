import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { UnknownError } from '../../../src/errors.ts'
import { defineTool } from '../../../src/index.ts'
import { QuestionError } from '../../../src/tool/question.ts'

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

/** Fails first, then asks a person, and then has its result. */
const asks = defineTool({
  name: 'asks',
  description: 'Fails, and asks.',
  input,
  effect: 'idempotent',
  async execute({ file, label }) {
    const calls = count(file, label)
    if (calls === 1) throw new Error('the server said 500')
    const items = [{ id: 'ok', type: 'boolean', text: 'Go on?', required: true }] as const
    if (calls === 2) throw new QuestionError({ title: 'Go on?', items, state: null, repeats: true })
    return 'there'
  },
})

/** May have acted at its first call. */
const doubtful = defineTool({
  name: 'doubtful',
  description: 'Acts, perhaps.',
  input,
  effect: 'at-most-once',
  async execute({ file, label }) {
    if (count(file, label) === 1) throw new UnknownError('the connection broke')
    return 'there'
  },
})

export default [third, once, note, asks, doubtful]
