import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { defineTool } from '../../../src/index.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { awaitLife } from '../../../trials/kill/process.ts'

/** `outside`: the log of what the calls did, which no loss of a machine reaches. */
export type Life = {
  readonly data: string
  readonly outside: string
  readonly url: string
  readonly environment: { readonly [name: string]: string }
  readonly life: number
  readonly isLast: boolean
}

const STEPS = ['a', 'b', 'c', 'd']
const OPEN_RUNS = 4

const pipeline = (run: string) =>
  [
    'name: post',
    'steps:',
    ...STEPS.map(
      (step, n) =>
        `  - { id: ${step}, tool: post, parameters: { word: "${run}/${step}" }${n > 0 ? `, depends_on: [${STEPS[n - 1]}]` : ''} }`,
    ),
  ].join('\n')

const { settings, begin } = await awaitLife<Life>()
const { data, outside, url, environment, life, isLast } = settings
const note = (line: string) => appendFileSync(outside, `${line}\n`)
const isDone = (word: string) => readFileSync(outside, 'utf8').split('\n').includes(`done ${word}`)

const post = defineTool({
  name: 'post',
  description: 'Posts a word, which must not be done twice.',
  input: z.object({ word: z.string() }),
  effect: 'at-most-once',
  async execute({ word }) {
    await setTimeout(5)
    note(`done ${word}`)
    await setTimeout(5)
    return word
  },
})

const config = await loadConfig({ folder: data, data, environment })
const runtime = await createRuntime(
  { ...config, replica: { url, every: 0.05 }, embedder: 'none' },
  { tools: [post], notice: () => {} },
)
const ENDED = ['completed', 'failed', 'cancelled']
const open = async () => (await runtime.runs.list({ limit: 1000 })).filter(({ status }) => !ENDED.includes(status))
for (const { id } of await open()) await runtime.runs.resume(id)
begin()

// a person who answers each question by the log outside
async function answerAll(): Promise<void> {
  for (const item of await runtime.inbox.list()) {
    if (item.kind !== 'unknown') continue
    const { run } = item
    const step = item.signal!.slice('call:'.length)
    const word = `${run}/${step}`
    note(`asked ${word}`)
    await runtime.runs.settle(run, step, isDone(word) ? { outcome: 'done', result: word } : { outcome: 'not-done' })
  }
}

for (let n = 0; ; ) {
  await answerAll()
  const left = await open()
  if (isLast && left.length === 0) break
  for (let more = isLast ? 0 : OPEN_RUNS - left.length; more > 0; more--) {
    const id = `life-${life}-${n++}`
    await runtime.runs.start({ id, source: { text: pipeline(id) } })
  }
  await setTimeout(10)
}
const failed = (await runtime.runs.list({ limit: 1000 })).filter(({ status }) => status !== 'completed')
for (const { id, status } of failed) note(`failed ${id} ${status}`)
await runtime.stop()
