import type { Clock } from '../../../src/engine/engine.ts'
import type { SeededRandom } from '../plan/random.ts'
import type { EngineLife } from './life.ts'
import type { TrialTrace } from './trace.ts'

/** Runs everything that happens in a trial, one step after another. The seed picks the next step. */
export interface StepScheduler {
  /** The number of steps so far. */
  readonly steps: number
  /** The time as the engine of a life sees it. */
  clockOf(life: EngineLife): Clock
  /** Sets the wall clock forward or back. Planned callbacks keep their remaining time. */
  jump(ms: number): void
  /**
   * Plans a callback as a step of its own, after `delay` ms or at any time. It is dropped when its life is over.
   * Returns a function that cancels it.
   */
  plan(label: string, callback: () => void, when?: { readonly life?: EngineLife; readonly delay?: number }): () => void
  /** Resolves in a step of its own. */
  turn(label: string, when?: { readonly life?: EngineLife; readonly delay?: number }): Promise<void>
  /**
   * Runs a step and lets all promises settle; `midway` is called after
   * that many hops. Returns false if there was nothing left to do.
   */
  step(midway?: { readonly hops: number; call(): void }): Promise<boolean>
}

type Task = {
  readonly label: string
  readonly life: EngineLife | undefined
  readonly at: number | undefined
  readonly callback: () => void
}

const START_TIME = Date.UTC(2026, 0, 1)
/** The chance and the maximum (ms) of a jump in time while steps are ready. */
const TIME_JUMPS = { chance: 0.05, most: 60_000 }

export function createStepScheduler(random: SeededRandom, trace: TrialTrace): StepScheduler {
  const ready: Task[] = []
  const asleep: Task[] = []
  let steps = 0
  let elapsed = 0
  let skew = START_TIME

  const plan: StepScheduler['plan'] = (label, callback, { life, delay } = {}) => {
    const at = delay === undefined ? undefined : elapsed + Math.max(0, delay)
    const task = { label, life, at, callback }
    const list = at === undefined ? ready : asleep
    list.push(task)
    return () => remove(list, task)
  }

  function next(): Task | undefined {
    drop(ready)
    drop(asleep)
    const first = earliest(asleep)
    const isHasty = first && first.at! - elapsed < TIME_JUMPS.most && random.chance(TIME_JUMPS.chance)
    if (ready.length > 0 && !isHasty) return ready.splice(random.below(ready.length), 1)[0]
    if (!first) return undefined
    remove(asleep, first)
    elapsed = Math.max(elapsed, first.at!)
    return first
  }

  return {
    get steps() {
      return steps
    },
    clockOf: (life) => ({
      now: () => elapsed + skew,
      elapsed: () => elapsed,
      after: (delay, callback) => plan('timer', callback, { life, delay }),
      soon: (callback) => void plan('soon', callback, { life }),
    }),
    jump(ms) {
      skew += ms
    },
    plan,
    turn: (label, when) => new Promise((resolve) => void plan(label, resolve, when)),
    async step(midway) {
      // work that was just started from outside may not have planned a step yet
      const task = next() ?? (await settlePromises().then(next))
      if (!task) return false
      steps++
      trace.add(`${steps} +${elapsed} ${task.life ? `life ${task.life.number} ` : ''}${task.label}`)
      task.callback()
      if (midway) await hop(midway.hops).then(midway.call)
      await settlePromises()
      return true
    },
  }
}

function remove(tasks: Task[], task: Task): void {
  const index = tasks.indexOf(task)
  if (index !== -1) tasks.splice(index, 1)
}

function drop(tasks: Task[]): void {
  for (let index = tasks.length - 1; index >= 0; index--)
    if (tasks[index]!.life?.alive === false) tasks.splice(index, 1)
}

// of steps that are due together, the one that was planned first
function earliest(tasks: readonly Task[]): Task | undefined {
  let first: Task | undefined
  for (const task of tasks) if (!first || task.at! < first.at!) first = task
  return first
}

async function hop(hops: number): Promise<void> {
  for (let count = 0; count < hops; count++) await undefined
}

/** Lets all promises settle. */
export const settlePromises = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Whether work that needs no step ends. */
export async function endsByItself(work: Promise<void>): Promise<boolean> {
  let isOver = false
  const over = work.finally(() => void (isOver = true))
  for (let rests = 0; !isOver && rests < MAX_SETTLE_ROUNDS; rests++) await settlePromises()
  if (isOver) await over
  return isOver
}

/** Far more hops than an inspection of all actors of a trial needs. */
const MAX_SETTLE_ROUNDS = 10_000
