import { budgetRef } from '../../budget/scope.ts'
import type { BudgetShortfall } from '../../budget/shortfall.ts'
import { reserveMessage, waitsFor } from '../../budget/waiting.ts'
import type { Problem } from '../../errors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Effects, Turn } from '../../kernel/types.ts'
import type { PhaseCall, PhaseWait } from '../protocol/messages.ts'
import { fitMemo, type MemoEntries } from './memo.ts'

/** A phase call that waits for budget, stored in the part `waiting`, with the actor and the correlation id for its result. */
export type SuspendedCall = {
  readonly call: PhaseCall
  readonly chain: ActorRef
  readonly work: string
  /** the scope of the budget */
  readonly scope: string
  /** the missing amount, in words */
  readonly title: string
  /** the budget has money, and the call is being repeated */
  readonly called?: true
}

/** The parts of a suspended call, and of the memo of its effects. */
export const WAITING_PART = 'waiting'
const MEMO_PART = 'memo'

/** The suspended call, if there is one. */
async function suspendedCall({ part }: Pick<Effects, 'part'>): Promise<SuspendedCall | undefined> {
  return (await part(WAITING_PART)) as SuspendedCall | undefined
}

/** The memo of the suspended call. */
export async function savedMemo({ part }: Pick<Effects, 'part'>): Promise<MemoEntries> {
  return (await part(MEMO_PART)) as MemoEntries
}

/**
 * Suspends the phase until its budget has the required amount. The budget wakes the phase, and the thread learns what the phase waits for.
 */
export function awaitBudget(
  { again: _, ...call }: PhaseCall,
  told: MemoEntries,
  { shortfall, problem }: { readonly shortfall: BudgetShortfall; readonly problem: Problem },
  effects: Effects,
): Turn<never> {
  const { correlationId: work, replyTo } = effects.message
  const { phase, input } = call
  const parked: SuspendedCall = {
    call,
    chain: replyTo!,
    work,
    scope: shortfall.scope,
    title: problem.message.slice(0, 200),
  }
  const wait: PhaseWait = { type: 'phase-wait', ask: input.ask, cycle: input.cycle, phase, problem }
  return {
    parts: { [WAITING_PART]: parked, [MEMO_PART]: fitMemo(told) },
    index: { status: 'waiting', waits: waitsFor(shortfall.scope) },
    send: [reserveMessage(shortfall, effects, work), { to: replyTo!, body: wait, type: 'event', correlationId: work }],
  }
}

/** The budget has money: repeats the suspended call as the thread made it. The thread gets the result in any case. */
export async function resumeCall({ self, part }: Effects): Promise<Turn<never>> {
  const parked = await suspendedCall({ part })
  if (!parked || parked.called) return {}
  const { call, chain: replyTo, work: correlationId } = parked
  const body: PhaseCall = { ...call, again: true }
  return { parts: { [WAITING_PART]: { ...parked, called: true } }, send: [{ to: self, body, replyTo, correlationId }] }
}

/** Clears the wait. */
export const CLEAR_WAIT: Pick<Turn, 'parts' | 'index'> = {
  parts: { [WAITING_PART]: null, [MEMO_PART]: null },
  index: {},
}

/** The work was cancelled: releases the reservation at the budget. */
export async function cancelWait({ self, message, part }: Effects): Promise<Turn<never>> {
  const parked = await suspendedCall({ part })
  if (parked?.work !== message.correlationId) return {}
  const body = { type: 'release', by: nameOf(self) }
  return { ...CLEAR_WAIT, send: [{ to: budgetRef(parked.scope), body, correlationId: `${parked.work}.release` }] }
}
