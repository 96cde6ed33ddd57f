/**
 * The words that runs, asks and goals share: payers, waits for money and providers, and errors that must reach the
 * caller. `origin/` says where work comes from, `approval/` which calls wait for a person, and `tools/` which tools a
 * name means. `budget/` and `environment/` are rooms of their own. Code that all three orchestrators would repeat
 * belongs here.
 */

import type { ActorRef, EffectCall } from '../kernel/types.ts'
import type { Priority } from '../lib/priority.ts'
import type { CallPayer, WorkOfCall } from '../model/request/request.ts'
import { NEEDS_HANDS, type WorkPool } from '../worker/work-pool.ts'

/**
 * On whose behalf work calls models and paid tools: the scopes of the budgets that pay besides those of the owner
 * (`of`), the share of a pool that it uses (a thread, an owner or a goal), how urgent it is (absent: normal), and the
 * work itself, for the rules of the house.
 */
export type Payer = {
  readonly of: readonly string[]
  readonly share: string
  readonly priority?: Priority
  readonly work?: WorkOfCall
}

/** The options of a call in a pool that a payer pays. */
export type PaidOptions = {
  readonly signal: AbortSignal
  readonly key: string
  readonly share: string
  readonly priority?: Priority
  readonly payer: CallPayer
}

/**
 * The payer of a call that an actor makes in an effect. The id of the call stays the same when the call is repeated
 * after a crash. `part` tells apart the calls of one effect.
 */
export function callPayer(
  { of, priority, work }: Payer,
  { kind, key }: ActorRef,
  { idempotencyKey, attempt }: EffectCall,
  part = '',
): CallPayer {
  const id = `${idempotencyKey}#${attempt}${part}`
  const by = `${kind}/${key}`
  const paid = priority === undefined ? { id, by, of } : { id, by, of, priority }
  return work === undefined ? paid : { ...paid, work }
}

/** The options of an actor's call in a pool, made in an effect: its signal, its place in the pool, and its payer. */
export function paidOptions(payer: Payer, self: ActorRef, call: EffectCall, part = ''): PaidOptions {
  const { share, priority } = payer
  const { signal, idempotencyKey: key } = call
  const paid = callPayer(payer, self, call, part)
  return priority === undefined ? { signal, key, share, payer: paid } : { signal, key, share, priority, payer: paid }
}

/** Runs work without a model in the pool; nobody pays for it. `once`: it is not restarted when its worker dies. */
export function inHands<T>(
  pool: Pick<WorkPool, 'submit'>,
  { payer: _, ...task }: PaidOptions & { readonly once?: true },
  run: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  return pool.submit({ ...task, needs: NEEDS_HANDS, run })
}
