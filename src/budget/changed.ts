import { refOf } from '../kernel/ref.ts'
import type { Json } from '../kernel/schema.ts'
import type { Effects, Envelope, Send, Turn } from '../kernel/types.ts'
import { grant } from './lend.ts'
import type { Granted } from './messages.ts'
import { readScope } from './scope.ts'
import { type BudgetState, type Held, heldPart, indexOf } from './state.ts'

/** A budget after any change, as a turn: who waits and can be granted now is told, and has it reserved. */
export function changed(
  before: BudgetState,
  effects: Effects,
): Turn<BudgetState> & { readonly parts: { [name: string]: Json } } {
  const { limit, standing, spent, reserved, calls, repeated, waiting, owner, day } = before
  const kept: BudgetState = {
    ...{ spent, reserved, calls, repeated, waiting },
    ...(limit !== undefined && { limit }),
    ...(standing !== undefined && { standing }),
    ...(owner !== undefined && { owner }),
    ...(day !== undefined && { day }),
  }
  const { state, granted } = grant(kept)
  const parts = granted.map(({ by, id, amount }): [string, Held] => [
    heldPart(by),
    { id, amount, stage: 'granted', ...(day !== undefined && { day }) },
  ])
  return {
    state,
    parts: Object.fromEntries(parts),
    send: granted.map(tellGranted),
    index: indexOf(effects.self.key, state),
    ...timersOf(state, effects),
  }
}

/** Tells who waits that there is money now. */
export function tellGranted({ by, work }: BudgetState['waiting'][number]): Send {
  const body: Granted = { status: 'granted' }
  return { to: refOf(by), body, type: 'response', correlationId: work }
}

/** Who waits for a budget per day goes on with the next one at the latest. */
function timersOf({ day, waiting }: BudgetState, { message }: Effects): Pick<Turn, 'timers'> {
  if (day === undefined) return {}
  const delay = Date.parse(`${day}T00:00:00Z`) + DAY - timeOf(message)
  return { timers: { day: waiting.length > 0 ? { delay: Math.max(1, delay), body: { type: 'day' } } : null } }
}

const DAY = 24 * 3600_000

/** The day of a message, in UTC; undefined where days do not matter. */
export function dayIn({ self, message }: Effects): string | undefined {
  return readScope(self.key).kind === 'owner-day' ? new Date(timeOf(message)).toISOString().slice(0, 10) : undefined
}

/** When its message was sent, or due: what a turn stands on needs no journal. */
const timeOf = ({ createdAt, due = 0 }: Envelope) => Math.max(createdAt, due)
