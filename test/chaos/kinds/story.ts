import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LogRow, unpackAll } from '../../../src/engine/libsql/pack.ts'
import { until } from '../../../src/testing/until.ts'
import type { Kill } from '../flush/database.ts'
import { linesOf, outcomesIn, readWitness } from '../flush/witness.ts'
import { isKilled } from '../killed.ts'
import { type Double, openDouble } from './double.ts'
import { carriersIn } from './handed.ts'
import type { Lived, Wreck } from './judge.ts'
import { type Life, liveOn, makeFolder, openLife, WITNESS } from './life.ts'
import { callsIn, LEDGER } from './log.ts'
import { budgetsIn, filesIn } from './outside.ts'
import { REAL } from './table.ts'

/** A data folder from its first process to the end of all that is in the table, by name. */
export type Story = {
  readonly title: string
  readonly kills: number
  readonly flushes: number
  readonly lived: readonly Lived[]
}

/** How many times as fast clocks go; slow: forty processes, one after the other, live less than the day for which ids from outside are remembered. */
export const SPEED = { fast: 500, slow: 150 } as const

/** Lives through the table; each process is killed as the next kill says, the last one by nobody. */
export async function liveThrough(folder: string, kills: readonly Kill[], speed: number): Promise<Story> {
  const double = await openDouble()
  makeFolder(folder)
  const { config: models, environment } = double
  const life: Life = { folder, models, environment, since: Date.now(), speed }
  const wrecks: Wreck[] = []
  try {
    for (const kill of kills) {
      if (!(await isKilled(PROGRAM, { ...life, kill } satisfies Life, PATIENCE))) break
      wrecks.push(inspect(folder, double))
    }
    return await finish(life, kills, wrecks, double)
  } finally {
    await double.stop()
  }
}

/** ms after which what has not ended never will */
const PATIENCE = 30_000

const PROGRAM = join(import.meta.dirname, 'child.ts')

async function finish(life: Life, kills: readonly Kill[], wrecks: readonly Wreck[], double: Double): Promise<Story> {
  const { folder } = life
  const runtime = await openLife(life)
  try {
    const late = sleep(PATIENCE, undefined, { ref: false }).then(() => Promise.reject(new Error('it does not go on')))
    const played = await Promise.race([liveOn(runtime, folder), late])
    const steps = () => runtime.engine.view.list('step', { limit: 100 })
    await until(async () => (await steps()).length === 0).catch(() => {})
    const left = (await steps()).map(({ key }) => key)
    const letters = (await runtime.engine.deadLetters.list()).map(({ letter }) => `dead letter to ${letter.to.key}`)
    const common = {
      ...{ wrecks, log: linesOf(join(folder, LEDGER)), billed: double.billed(), left: [...left, ...letters] },
      ...{ budgets: await budgetsIn(runtime.engine.view), files: filesIn(folder) },
    }
    const named = [...new Set(kills.map(({ side, flush }) => `${side} flush ${flush}`))]
    const title = `${wrecks.length} times ${named.join(', ')} (${folder})`
    const lived = REAL.map(({ name }) => ({ title: `killed ${title}`, played: played[name]!, ...common }))
    return { title, kills: wrecks.length, flushes: readWitness(join(folder, WITNESS)).length, lived }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** What a killed process left: see `Wreck`. */
function inspect(folder: string, double: Double): Wreck {
  const told = readWitness(join(folder, WITNESS))
  const log = linesOf(join(folder, LEDGER))
  const taken = new Set(told.flatMap((flush) => (JSON.parse(flush.log) as LogRow).t ?? []))
  const outcomes = outcomesIn(told)
  const kept = (name: string) => outcomes.filter(({ effect }) => effect === name)
  const done = new Set<string>()
  const begun = new Set<string>()
  for (const { message, effect, failed } of outcomes)
    if (!effect.endsWith(BEGIN) && !failed) done.add(`${message}/${effect}`)
  const pending = told.flatMap((flush) => unpackAll((JSON.parse(flush.log) as LogRow).m ?? []))
  const carriers = carriersIn(pending.filter(({ id }) => !taken.has(id)))
  for (const { key } of callsIn(log)) {
    const carrier = carriers.get(key)
    if (carrier ? done.has(carrier.join('/')) : taken.has(key.slice(0, key.lastIndexOf('/')))) done.add(key)
  }
  for (const { message, effect } of outcomes) {
    const name = effect.slice(0, -BEGIN.length)
    if (effect.endsWith(BEGIN) && !kept(name).some((one) => one.message === message)) begun.add(`${message}/${name}`)
  }
  return { done, begun, lines: log.length, billed: double.billed().length }
}

const BEGIN = '#begin'
