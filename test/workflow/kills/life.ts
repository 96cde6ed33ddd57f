import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import type { RunDocument } from '../../../src/run/document.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { until } from '../../../src/testing/until.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'

/** One process on a data folder with a run that races for signals, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** The values that are sent, one after another. */
const VALUES = [1, 2, 3] as const

const races = defineWorkflow({
  name: 'races',
  input: z.object({}),
  async run(ctx) {
    const values: unknown[] = []
    while (values.length < VALUES.length) {
      const value = await ctx.race([ctx.signal('go'), ctx.sleep('50ms')])
      if (value !== undefined) values.push(value)
    }
    return values
  },
})

/** What callers were answered, as lines. */
function answeredIn(folder: string): readonly string[] {
  const path = join(folder, 'answered')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

/** Starts the run unless its caller was answered, and sends each value until its sender is answered. */
export async function live({ folder, kill }: Life) {
  mkdirSync(folder, { recursive: true })
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { workflows: [races], openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  await runtime.engine.start()
  const { runs } = runtime
  const once = async (line: string, act: () => Promise<unknown>) => {
    if (answeredIn(folder).includes(line)) return
    await act()
    appendFileSync(join(folder, 'answered'), `${line}\n`)
  }
  await once('started', () => runs.start({ workflow: 'races', input: {}, id: 'r' }))
  for (const value of VALUES) await once(`sent ${value}`, () => runs.signal('r', 'go', value).catch(unlessOver))
  const ended = (): Promise<RunDocument> =>
    until(async () => {
      const run = await runs.get('r')
      return run.completed_at === null ? undefined : run
    })
  return { ended, stop: () => runtime.stop({ grace: 0 }) }
}

/** A value that was taken twice leaves no room for the last one. */
function unlessOver(error: { readonly code?: string }): void {
  if (error.code !== 'run_over') throw error
}
