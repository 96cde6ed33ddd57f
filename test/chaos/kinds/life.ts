import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { fastClock } from '../../fast-clock.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { isPipeline, type PipelineCase } from './case.ts'
import { type Client, type Played, play } from './client.ts'
import type { Double } from './double.ts'
import { LEDGER } from './log.ts'
import { REAL } from './table.ts'

/** One process on a data folder, in which all pipelines of the table run side by side, and when it dies. */
export type Life = {
  readonly folder: string
  readonly models: Double['config']
  readonly environment: Double['environment']
  /** when the first process began: ms since the epoch */
  readonly since: number
  /** how many times as fast its clock goes */
  readonly speed: number
  readonly kill?: Kill
}

/** The file of a data folder's every flush. */
export const WITNESS = 'witness'

/** A folder with the pipelines of the table. */
export function makeFolder(folder: string): void {
  mkdirSync(folder)
  for (const one of REAL.filter(isPipeline)) writeFileSync(join(folder, `${one.name}.yaml`), one.yaml)
}

export function openLife({ folder, models, environment, since, speed, kill }: Life): Promise<Runtime> {
  const config: Config = {
    folder,
    ...models,
    embedder: 'none',
    plugins: [join(import.meta.dirname, 'plugin.ts')],
    roots: [folder],
    data: join(folder, 'data'),
    // the kills are of the process
    durability: 'process',
    retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    pool: { workers: 100, queue: 100 },
    environment,
  }
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  return openRuntime(config, {
    openDatabase: (options) => openWitnessed(options, notes, kill),
    // pauses of minutes are over in a second or two
    clock: fastClock(since, speed),
  })
}

/** All pipelines of the table, by name, as their users saw them. */
export async function liveOn(
  runtime: Runtime,
  folder: string,
): Promise<{ readonly [name: string]: Played | { readonly fault: string } }> {
  const client = clientOn(runtime, folder)
  const played = REAL.map(async (one) => {
    const found = await play(client, one).catch((error: Error) => ({ fault: String(error.stack) }))
    return [one.name, found] as const
  })
  return Object.fromEntries(await Promise.all(played))
}

function clientOn(runtime: Runtime, folder: string): Client {
  const requestOf = ({ name, inputs = {} }: PipelineCase) => ({ file: join(folder, `${name}.yaml`), inputs })
  return {
    async start(one) {
      if (isPipeline(one)) await runtime.runs.start({ ...requestOf(one), id: one.name })
      else await runtime.tools.call(one.requests, { ...one.options, id: one.name })
    },
    async again(one, how, id, before) {
      if ('fork' in how) await runtime.runs.fork(before, { ...how.fork, id })
      else
        await runtime.runs.start({ ...requestOf(one), id, ...('from' in how ? { from: how.from } : { reuse: before }) })
    },
    goOn: (run) => runtime.runs.resume(run),
    events: (run) => runtime.runs.events(run) as AsyncIterable<never>,
    signal: (run, name, value, id) => runtime.runs.signal(run, name, value, { id }),
    cancel: (run, reason) => runtime.runs.cancel(run, reason),
    raise: async (run, limit) => void (await runtime.budgets.set(`run/${run}`, limit)),
    document: (run) => runtime.runs.get(run),
  }
}
