import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { until } from '../../../src/testing/until.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'

/** One process on a data folder with a schedule of each second, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

const TICK = 'name: tick\nsteps: [{ id: say, action: "echo hi" }]\n'

/** Lets so many more runs of the schedule end, and pauses it. `pausing`: a process may have paused it. */
export async function live({ folder, kill }: Life, more: number) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tick.yaml'), TICK)
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  await runtime.engine.start()
  const before = (await runtime.runs.list()).length
  await runtime.schedules.put('tick', { every: 1, file: join(folder, 'tick.yaml'), overlap: 'allow', missed: 'all' })
  await runtime.schedules.resume('tick')
  await until(async () => (await runtime.runs.list()).length >= before + more)
  writeFileSync(join(folder, 'pausing'), '')
  await runtime.schedules.pause('tick')
  await until(async () => (await runtime.runs.list()).every(({ finishedAt }) => finishedAt !== undefined))
  return { runtime, stop: () => runtime.stop({ grace: 0 }) }
}
