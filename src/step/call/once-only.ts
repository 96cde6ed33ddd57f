import { setTimeout as sleep } from 'node:timers/promises'
import { type Problem, problemOf, UnknownError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { isEndUnknown, unknownEnd } from '../../tool/once/unknown-end.ts'
import { OWN_CALL } from '../messages/call-decision.ts'
import { sparedWork } from '../messages/step-start.ts'
import { storeRef, type ValueRef } from '../values.ts'
import type { StepContext, StepResult, StepServices } from './context.ts'
import type { PooledCall } from './tool-call.ts'

/**
 * The work of a call, and its time limit. A call that must not be repeated fails with an UnknownError where nobody
 * knows whether it took place, and its step hears of an end that comes after that.
 */
export function onceOnly<T>(
  context: StepContext,
  { what, limit, act, end, isInDoubt }: PooledCall<T>,
): Pick<PooledCall<T>, 'limit' | 'act'> {
  const { call, start, policy, callName } = context
  const { effect } = callName === OWN_CALL ? start.policy : policy
  const mustNotRepeat = effect === 'at-most-once'
  if (!mustNotRepeat && !isInDoubt) return { limit, act }
  let isGivenUp = false

  function unended({ message }: Error): UnknownError {
    isGivenUp = true
    return new UnknownError(`${message} It did not stop, and whether it took place is not known.`)
  }

  async function work(signal: AbortSignal): Promise<T> {
    try {
      return await act(signal)
    } catch (error) {
      throw isEndUnknown(error, signal) ? unknownEnd(what, error) : error
    }
  }

  return {
    limit: limit && mustNotRepeat ? { ...limit, unended } : limit,
    act(signal) {
      const working = mustNotRepeat ? atWork(context, work(signal)) : Promise.resolve(act(signal))
      const isLate = () => isInDoubt?.() || (mustNotRepeat && (isGivenUp || call.signal.aborted))
      const tell = () => void (isLate() && tellLateEnd(context, end(working), signal))
      working.then(tell, tell)
      return working
    },
  }
}

/** The keys of the calls whose functions work in a pool. */
const AT_WORK = new WeakMap<StepServices['pool'], Set<string>>()

/** Whether the function of a call that must not be repeated still works here, also after its step gave it up. */
export const isCallAtWork = (pool: StepServices['pool'], key: string): boolean => AT_WORK.get(pool)?.has(key) ?? false

function atWork<T>(
  { services: { pool }, call: { idempotencyKey: key } }: StepContext,
  working: Promise<T>,
): Promise<T> {
  const keys = AT_WORK.get(pool) ?? new Set()
  AT_WORK.set(pool, keys.add(key))
  const end = () => void keys.delete(key)
  working.then(end, end)
  return working
}

export const LATE_END = 'late-end'

/** The end of a call about which its step may ask a person: the work has ended after all. `of` as `callName`. */
export type LateEnd = { readonly type: typeof LATE_END; readonly of: string; readonly key: string } & (
  | { readonly result: ValueRef }
  | { readonly problem: Problem }
)

/** The step may still be about to ask: the number of attempts, and the pause between them. */
const TRIES = 20
const PAUSE_MS = 100

/** Tells a step how its call has ended late. An end that is unknown as well changes nothing. */
async function tellLateEnd(context: StepContext, ended: Promise<StepResult>, signal: AbortSignal): Promise<void> {
  const { services, start, self } = context
  const { askActor } = services
  const end = await endOf(context, ended, signal)
  if (!end || !askActor || start.run.failsOnUnknown) return
  for (let left = TRIES; left > 0; left--) {
    // the actor may have stopped, and may begin again to ask; an engine that ends refuses
    const isTaken = await askActor(self, end as unknown as Json, sparedWork(start.run.id)).catch(() => false)
    if (isTaken === true) return
    await sleep(PAUSE_MS, undefined, { ref: false })
  }
}

async function endOf(
  { services, callName: of, call: { idempotencyKey: key } }: StepContext,
  ended: Promise<StepResult>,
  signal: AbortSignal,
): Promise<LateEnd | undefined> {
  const { values, secrets } = services
  const about = { type: LATE_END, of, key } as const
  try {
    const result = await ended
    if (result.type !== 'result') return undefined
    return result.problem
      ? { ...about, problem: result.problem }
      : { ...about, result: await storeRef(values, result.result) }
  } catch (error) {
    if (isEndUnknown(error, signal)) return undefined
    const problem = problemOf(error)
    return { ...about, problem: secrets ? await secrets.problem(problem) : problem }
  }
}
