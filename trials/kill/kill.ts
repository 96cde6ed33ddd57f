import { setTimeout } from 'node:timers/promises'
import { TerminalError, TimeoutError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { createSeededRandom, type SeededRandom } from '../simulation/plan/random.ts'
import { type ProcessEnd, startWarmProcess, type WarmProcess } from './process.ts'

/** One life of a program. The last one is not killed and must end by itself. */
export type ProgramLife = { readonly number: number; readonly isLast: boolean; readonly random: SeededRandom }

/** A program to kill, and how often. */
export type KillPlan = {
  /** path of a module that starts with `awaitLife`; what it writes to stderr counts as a fault */
  readonly program: string
  /** at least this many kills… */
  readonly kills: number
  /** …and at least for this many seconds… */
  readonly seconds?: number
  /**
   * …and until this returns true; these further lives are long. Short lives do little work on a busy machine, and a
   * message that killed three processes runs again only after some seconds.
   */
  readonly enough?: () => boolean
  /** seed of the kill times and of `ProgramLife.random` */
  readonly seed: number
  /**
   * maximum ms until a kill, counted from the start of the work or,
   * in one of four lives, from the start of the life; absent: 150
   */
  readonly longest?: number
  /** ms within which a life must begin its work, and within which the last one must end; absent: a minute */
  readonly patience?: number
  /** the settings of a life, as its `awaitLife` returns them */
  readonly settings: (life: ProgramLife) => Json
  /** Called after each kill, when no process has files open. If it throws, the whole test ends. */
  readonly inspect?: (life: ProgramLife) => void | Promise<void>
}

/** ms: three times the probation time of an engine */
const MAX_SILENCE_MS = 15_000

/**
 * Starts the program repeatedly, kills each life with SIGKILL at a random
 * time, and lets the last one end. Resolves with the number of kills.
 */
export async function killRepeatedly(plan: KillPlan): Promise<number> {
  const random = createSeededRandom(plan.seed)
  const deadline = performance.now() + (plan.seconds ?? 0) * 1000
  // two processes load while one works
  const processes = [startWarmProcess(plan.program), startWarmProcess(plan.program)]
  const next = () => {
    processes.push(startWarmProcess(plan.program))
    return processes.at(-3)!
  }
  let kills = 0
  try {
    const isDue = () => kills < plan.kills || performance.now() < deadline
    for (; isDue(); kills++) await liveAndDie(next(), plan, { number: kills + 1, isLast: false, random })
    for (; plan.enough?.() === false; kills++)
      await liveAndDie(next(), { ...plan, longest: MAX_SILENCE_MS }, { number: kills + 1, isLast: false, random })
    await liveOn(processes.at(-2)!, plan, { number: kills + 1, isLast: true, random })
    return kills
  } finally {
    for (const process of processes) process.kill()
    await Promise.all(processes.map(({ death }) => death))
  }
}

async function liveAndDie(process: WarmProcess, plan: KillPlan, life: ProgramLife): Promise<void> {
  const settings = plan.settings(life)
  const [isEarly, after] = [life.random.chance(0.25), life.random.below(plan.longest ?? 150)]
  await process.letGo(settings)
  if (!isEarly) await soon(process.begun, plan, life, 'begin')
  await setTimeout(after)
  process.kill()
  const death = await process.death
  if (death.signal !== 'SIGKILL' || death.errors !== '') throw wrongDeath(plan, life, death)
  await plan.inspect?.(life)
}

async function liveOn(process: WarmProcess, plan: KillPlan, life: ProgramLife): Promise<void> {
  await process.letGo(plan.settings(life))
  const death = await soon(process.death, plan, life, 'end')
  if (death.code !== 0 || death.errors !== '') throw wrongDeath(plan, life, death)
}

async function soon<T>(promise: Promise<T>, plan: KillPlan, { number }: ProgramLife, what: string): Promise<T> {
  const { patience = 60_000, seed } = plan
  const end = new AbortController()
  const found = await Promise.race([promise, setTimeout(patience, TIMED_OUT, end)])
  end.abort()
  if (found === TIMED_OUT)
    throw new TimeoutError(`life ${number} of seed ${seed} did not ${what} within ${patience} ms`)
  return found as T
}

const TIMED_OUT = Symbol('late')

function wrongDeath({ seed }: KillPlan, { number }: ProgramLife, { code, signal, errors }: ProcessEnd): TerminalError {
  const how = signal === null ? `ended with code ${code}` : `ended by ${signal}`
  return new TerminalError(`life ${number} of seed ${seed} ${how}${errors && `: ${errors}`}`, { code: 'wrong_death' })
}
