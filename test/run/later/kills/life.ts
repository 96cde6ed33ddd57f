import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../../../src/config/config.ts'
import { openRuntime } from '../../../../src/runtime/open/open-runtime.ts'
import { until } from '../../../../src/testing/until.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { type Kill, openWitnessed } from '../../../chaos/flush/database.ts'

/** One process on a data folder with runs of one key, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** The runs, in the order of their starts; the last one begins after a delay, and one is cancelled. */
export const RUNS = ['a', 'b', 'c', 'd'] as const
export const CANCELLED = 'c'

const TEXT = `name: noted
inputs: { run: { type: string, required: true } }
steps: [{ id: note, tool: note, parameters: { run: "{{ inputs.run }}" } }]
`

/** Starts the runs if no earlier process has, and resolves when all have ended. */
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
      const say = (what: string) => appendFileSync(join(folder, 'said'), `${what} ${run}\n`)
      say('begin')
      await new Promise((resolve) => setImmediate(resolve))
      say('end')
      return run
    },
  })
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {}, tools: [note] },
  )
  const queue = { key: 'k' }
  for (const id of RUNS) {
    const delay = id === 'd' ? { delay: 0.05 } : {}
    await runtime.runs.start({ source: { text: TEXT }, id, inputs: { run: id }, queue, ...delay })
    await runtime.runs.resume(id)
  }
  await runtime.engine.start()
  await runtime.runs.cancel(CANCELLED, 'enough')
  const isOver = async (id: string) => (await runtime.runs.get(id)).completed_at !== null
  await until(async () => (await Promise.all(RUNS.map(isOver))).every(Boolean))
  await until(async () => (await runtime.inspector.actors({ kind: 'run-queue' })).length === 0)
  return { runtime, stop: () => runtime.stop({ grace: 0 }) }
}
