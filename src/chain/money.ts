import { budgetRef } from '../budget/scope.ts'
import { askForMoney, waitsFor } from '../budget/waiting.ts'
import type { Problem } from '../errors.ts'
import { nameOf } from '../kernel/ref.ts'
import type { ActorRef, Effects, Turn } from '../kernel/types.ts'
import type { Usage } from '../model/spec.ts'
import type { PhaseWait } from './ask.ts'
import type { PhaseCall } from './phase.ts'

/** The call of a phase that waits for money, in part `waiting`: whom to tell how it ends, and under which correlation id. */
export type Parked = {
  readonly call: PhaseCall
  readonly chain: ActorRef
  readonly work: string
  /** of the budget */
  readonly scope: string
  /** what it has used so far; absent: nothing, as in those that earlier versions wrote */
  readonly usage?: Usage
}

/** The part that holds the call of a phase for as long as it waits. */
const WAITING = 'waiting'

/** What the phase waits with, if it does. */
export async function parkedIn({ part }: Pick<Effects, 'part'>): Promise<Parked | undefined> {
  return (await part(WAITING)) as Parked | undefined
}

/** Lets the phase go until its budget has as much as it needs: the budget tells it, and its thread knows what it waits for. */
export function waitForMoney(waiting: Omit<Parked, 'scope'>, problem: Problem, effects: Effects): Turn<never> {
  const need = problem.budget!
  const { call, chain, work } = waiting
  const { phase, input } = call
  const parked: Parked = { ...waiting, scope: need.scope }
  const told: PhaseWait = { type: 'phase-wait', ask: input.ask, cycle: input.cycle, phase, problem }
  return {
    parts: { [WAITING]: parked },
    index: { status: 'waiting', waits: waitsFor(need.scope) },
    send: [askForMoney(need, effects, work), { to: chain, body: told, type: 'event', correlationId: work }],
  }
}

/** The phase waits no longer. */
export const WAITED: Pick<Turn, 'parts' | 'index'> = { parts: { [WAITING]: null }, index: {} }

/** The work that it waits for was called off: its budget need not keep anything for it. */
export async function giveUpWaiting({ self, message, part }: Effects): Promise<Turn<never>> {
  const parked = await parkedIn({ part })
  if (parked?.work !== message.correlationId) return {}
  const body = { type: 'release', by: nameOf(self) }
  return { ...WAITED, send: [{ to: budgetRef(parked.scope), body, correlationId: `${parked.work}.release` }] }
}
