import { budgetRef } from '../../budget/scope.ts'
import { askForMoney, waitsFor } from '../../budget/waiting.ts'
import type { Problem } from '../../errors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Effects, Turn } from '../../kernel/types.ts'
import type { PhaseCall, PhaseWait } from '../protocol/messages.ts'
import { boundedTold, type Told } from './memo.ts'

/** The call of a phase that waits for money, in part `waiting`: whom to tell how it ends, and under which correlation id. */
export type Parked = {
  readonly call: PhaseCall
  readonly chain: ActorRef
  readonly work: string
  /** of the budget */
  readonly scope: string
  /** what is missing, in words; absent in those that earlier versions wrote */
  readonly title?: string
  /** there is money, and it is being called again */
  readonly called?: true
}

/** The parts that hold the call of a phase for as long as it waits, and what it was told until then. */
export const WAITING = 'waiting'
const TOLD = 'told'

/** What the phase waits with, if it does. */
async function parkedIn({ part }: Pick<Effects, 'part'>): Promise<Parked | undefined> {
  return (await part(WAITING)) as Parked | undefined
}

/** What the phase that waits was told before it had to; nothing in those that earlier versions wrote. */
export async function toldBefore({ part }: Pick<Effects, 'part'>): Promise<Told> {
  return ((await part(TOLD)) as Told | undefined) ?? {}
}

/** Lets the phase go until its budget has as much as it needs: the budget tells it, and its thread knows what it waits for. */
export function waitForMoney(
  { again: _, ...call }: PhaseCall,
  told: Told,
  problem: Problem,
  effects: Effects,
): Turn<never> {
  const need = problem.budget!
  const { correlationId: work, replyTo } = effects.message
  const { phase, input } = call
  const parked: Parked = { call, chain: replyTo!, work, scope: need.scope, title: problem.message.slice(0, 200) }
  const wait: PhaseWait = { type: 'phase-wait', ask: input.ask, cycle: input.cycle, phase, problem }
  return {
    parts: { [WAITING]: parked, [TOLD]: boundedTold(told) },
    index: { status: 'waiting', waits: waitsFor(need.scope) },
    send: [askForMoney(need, effects, work), { to: replyTo!, body: wait, type: 'event', correlationId: work }],
  }
}

/** There is money for what waits, if anything does: it is called as its thread has called it, which hears how that ends, whatever happens. */
export async function callAgain({ self, part }: Effects): Promise<Turn<never>> {
  const parked = await parkedIn({ part })
  if (!parked || parked.called) return {}
  const { call, chain: replyTo, work: correlationId } = parked
  const body: PhaseCall = { ...call, again: true }
  return { parts: { [WAITING]: { ...parked, called: true } }, send: [{ to: self, body, replyTo, correlationId }] }
}

/** The phase waits no longer. */
export const WAITED: Pick<Turn, 'parts' | 'index'> = { parts: { [WAITING]: null, [TOLD]: null }, index: {} }

/** The work that it waits for was called off: its budget need not keep anything for it. */
export async function giveUpWaiting({ self, message, part }: Effects): Promise<Turn<never>> {
  const parked = await parkedIn({ part })
  if (parked?.work !== message.correlationId) return {}
  const body = { type: 'release', by: nameOf(self) }
  return { ...WAITED, send: [{ to: budgetRef(parked.scope), body, correlationId: `${parked.work}.release` }] }
}
