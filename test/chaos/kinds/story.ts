import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ID_RETENTION_MS } from '../../../src/engine/envelope.ts'
import { type LogRow, unpackCell, unpackEnvelopes } from '../../../src/engine/libsql/codec.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import { until } from '../../../src/testing/until.ts'
import type { Kill } from '../flush/database.ts'
import { linesOf, outcomesIn, readWitness } from '../flush/witness.ts'
import { besideOthers, isKilled } from '../killed.ts'
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

/** How many times as fast clocks go. Forty processes, one after the other, live less than a day of such a clock. */
const SPEED = 100
/** ms for which such a clock remembers ids from outside. The longest timer of the table lasts an hour longer. */
const DAY_MS = ID_RETENTION_MS / SPEED
/** ms after which a process that has not ended never will. */
const PATIENCE_MS = 60_000

/** Lives through the table; each process is killed as the next kill says, the last one by nobody. */
export async function liveThrough(folder: string, kills: readonly Kill[]): Promise<Story> {
  const double = await openDouble()
  makeFolder(folder)
  const { config: models, environment } = double
  const life: Life = { folder, models, environment, since: Date.now(), speed: SPEED }
  const wrecks: Wreck[] = []
  try {
    for (const kill of kills) {
      if (!(await isKilled(PROGRAM, { ...life, kill } satisfies Life, PATIENCE_MS))) break
      wrecks.push(inspect(folder, double))
    }
    return await finish(life, kills, wrecks, double)
  } finally {
    await double.stop()
  }
}

const PROGRAM = join(import.meta.dirname, 'child.ts')

async function finish(life: Life, kills: readonly Kill[], wrecks: readonly Wreck[], double: Double): Promise<Story> {
  const { folder } = life
  const runtime = await openLife(life)
  try {
    const late = sleep(besideOthers(PATIENCE_MS), undefined, { ref: false })
    const stuck = late.then(() => Promise.reject(new Error('it does not go on')))
    const played = await Promise.race([liveOn(runtime, folder), stuck])
    const lasted = Date.now() - life.since
    if (lasted > DAY_MS)
      throw new Error(`it lasted ${lasted} ms: ids from outside are only remembered for ${DAY_MS} ms by its clock`)
    const steps = () => runtime.engine.view.list('step', { limit: 100 })
    await until(async () => (await steps()).length === 0).catch(() => {})
    const left = (await steps()).map(({ key }) => key)
    const letters = (await runtime.engine.deadLetters.list()).map(({ letter }) => `dead letter to ${letter.to.key}`)
    const common = {
      wrecks,
      log: linesOf(join(folder, LEDGER)),
      billed: double.billed(),
      left: [...left, ...letters],
      budgets: await budgetsIn(runtime.engine.view),
      files: filesIn(folder),
    }
    const title = `${wrecks.length} times ${named(kills)} (${folder})`
    const lived = REAL.map(({ name }) => ({ title: `killed ${title}`, played: played[name]!, ...common }))
    return { title, kills: wrecks.length, flushes: readWitness(join(folder, WITNESS)).length, lived }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** At which flushes, each told once. */
export function named(kills: readonly Kill[]): string {
  return [...new Set(kills.map(({ side, flush }) => `${side} flush ${flush}`))].join(', ')
}

/** What a killed process left: see `Wreck`. */
function inspect(folder: string, double: Double): Wreck {
  const told = readWitness(join(folder, WITNESS))
  const log = linesOf(join(folder, LEDGER))
  const taken = new Set(told.flatMap((flush) => (JSON.parse(flush.log) as LogRow).taken ?? []))
  const outcomes = outcomesIn(told)
  const kept = (name: string) => outcomes.filter(({ effect }) => effect === name)
  const done = new Set<string>()
  const begun = new Set<string>()
  for (const { message, effect, failed } of outcomes)
    if (!effect.endsWith(BEGIN) && !failed) done.add(`${message}/${effect}`)
  const rows = told.map((flush) => JSON.parse(flush.log) as LogRow)
  const pending = rows.flatMap(({ mail = [] }) => unpackEnvelopes(mail))
  const cells = new Map(rows.flatMap(({ cells = [] }) => cells.map(([name, cell]) => [name, cell] as const)))
  const stateOf = (name: string) => (cells.get(name) ? unpackCell(cells.get(name)!).state : undefined)
  const carriers = carriersIn(
    pending.filter(({ id }) => !taken.has(id)),
    stateOf,
  )
  for (const { key } of callsIn(log)) {
    const carrier = carriers.get(key)
    if (carrier ? done.has(carrier.join('/')) : taken.has(key.slice(0, key.lastIndexOf('/')))) done.add(key)
  }
  const actors = new Map(pending.map(({ id, to }) => [id, nameOf(to)]))
  for (const { message, effect } of outcomes) {
    const name = effect.slice(0, -BEGIN.length)
    if (!effect.endsWith(BEGIN) || kept(name).some((one) => one.message === message)) continue
    begun.add(`${message}/${name}`).add(actors.get(message)!)
  }
  return { done, begun, lines: log.length, billed: double.billed().length }
}

const BEGIN = '#begin'
