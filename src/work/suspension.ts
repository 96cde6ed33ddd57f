import { type BudgetShortfall, shortfallIn, shortfallOf } from '../budget/shortfall.ts'
import type { Problem } from '../errors.ts'
import { isInterruption } from '../kernel/faults.ts'
import type { ActorRef } from '../kernel/types.ts'
import { actorAwaited, isActorWait } from './actor-wait.ts'
import { isCodeMissing, isCodeWait } from './code-wait.ts'
import { type NextTry, nextTryIn, nextTryOf } from './provider-wait.ts'

/**
 * Why work ends its turn and continues in a later one: its budget has too little money, its provider may answer later,
 * it needs the reply of another actor, or this process lacks its code.
 */
export type Suspension =
  | { readonly type: 'money'; readonly shortfall: BudgetShortfall }
  | { readonly type: 'provider'; readonly next: NextTry }
  | { readonly type: 'actor'; readonly of: ActorRef }
  | { readonly type: 'code' }

/** The suspension that a problem stands for; undefined for any other problem. */
export function suspensionIn(problem: Problem): Suspension | undefined {
  const shortfall = shortfallIn(problem)
  if (shortfall) return { type: 'money', shortfall }
  const next = nextTryIn(problem)
  if (next) return { type: 'provider', next }
  if (isCodeMissing(problem)) return { type: 'code' }
  const of = actorAwaited(problem)
  return of && { type: 'actor', of }
}

/**
 * Whether an error is a wait: the work continues in a later turn, when its budget has money,
 * its provider may answer, an actor replies, or a process has its code.
 */
export const isWait = (error: unknown): boolean =>
  shortfallOf(error) !== undefined || nextTryOf(error) !== undefined || isCodeWait(error) || isActorWait(error)

/** Whether a turn that calls models must end with this error: it was interrupted, or it waits. */
export const mustPropagate = (error: unknown): boolean => isInterruption(error) || isWait(error)
