import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { z } from 'zod'
import { loadConfig } from '../../../../src/config/config.ts'
import { is } from '../../../../src/errors.ts'
import { openRuntime } from '../../../../src/runtime/open/open-runtime.ts'
import { scriptedModel } from '../../../../src/testing/scripted-model.ts'
import { until } from '../../../../src/testing/until.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { type Kill, openWitnessed } from '../../../chaos/flush/database.ts'

/** One process on a data folder with runs and goals of one key, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** The runs, in the order of their starts; the last one begins after a delay, and one is cancelled. So it is for goals. */
export const RUNS = ['a', 'b', 'c', 'd'] as const
export const GOALS = ['goal-b', 'goal-c', 'goal-d'] as const
export const CANCELLED: readonly string[] = ['c', 'goal-c']

const LAB = { id: 'lab/one', cost: { input: 1, output: 1 } }
const CLERK = { name: 'clerk', description: 'Notes', instructions: 'You note.', tools: [], skills: [] }

const TEXT = `name: noted
inputs: { run: { type: string, required: true } }
steps: [{ id: note, tool: note, parameters: { run: "{{ inputs.run }}" } }]
`

/** Starts the runs and goals if no earlier process has, and resolves when all have ended. */
export async function live({ folder, kill }: Life) {
  mkdirSync(folder, { recursive: true })
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const note = defineTool({
    name: 'note',
    description: 'Notes the begin and the end of a run.',
    input: z.object({ run: z.string() }),
    output: z.string(),
    effect: 'idempotent',
    async execute({ run }) {
      await saying(folder, run)
      return run
    },
  })
  const model: LanguageModelV4 = {
    ...scriptedModel([]),
    async doGenerate(options) {
      await saying(folder, /goal-\w/.exec(JSON.stringify(options.prompt))![0])
      return scriptedModel([{ reply: 'noted' }]).doGenerate(options)
    },
  }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process', model: 'lab/one', models: [LAB] },
    {
      openDatabase: (options) => openWitnessed(options, notes, kill),
      notice: () => {},
      tools: [note],
      models: { 'lab/one': model },
    },
  )
  const { runs, goals } = runtime
  const queue = { key: 'k' }
  for (const id of RUNS) {
    const delay = id === 'd' ? { delay: 0.05 } : {}
    await runs.start({ source: { text: TEXT }, id, inputs: { run: id }, queue, ...delay })
    await runs.resume(id)
    const goal = GOALS.find((one) => one === `goal-${id}`)
    if (goal === undefined) continue
    await goals.start({ agent: CLERK, goal: `Note ${goal}.`, id: goal, queue, ...delay })
  }
  await runtime.engine.start()
  await runs.cancel('c', 'enough')
  await goals.cancel('goal-c', 'enough').catch((error: unknown) => {
    if (!is(error) || error.code !== 'goal_over') throw error
  })
  const isOver = async (id: string) => (await runs.get(id)).completed_at !== null
  const isReached = async (id: string) => (await goals.get(id)).finishedAt !== undefined
  await until(async () => (await Promise.all([...RUNS.map(isOver), ...GOALS.map(isReached)])).every(Boolean))
  await until(async () => (await runtime.inspector.actors({ kind: 'run-queue' })).length === 0)
  return { runtime, stop: () => runtime.stop({ grace: 0 }) }
}

/** Says when the work of a run or a goal begins and ends. */
async function saying(folder: string, of: string): Promise<void> {
  const say = (what: string) => appendFileSync(join(folder, 'said'), `${what} ${of}\n`)
  say('begin')
  await new Promise((resolve) => setImmediate(resolve))
  say('end')
}
