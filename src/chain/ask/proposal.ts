import type { Turn } from '../../kernel/types.ts'
import type { ChainEvent, ChainState, Current, Proposal } from '../protocol/ask-state.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { indexOf } from './index-fields.ts'
import { GRACE, NO_DEADLINE } from './timers.ts'

/** The ask under way waits for somebody outside to decide: who follows it is told on what, and its time stands still. */
export function waitForDecision(
  state: ChainState,
  current: Current,
  proposal: Proposal,
  now: number,
  limits: ChainLimits,
): Pick<Turn<ChainState>, 'state' | 'timers' | 'index'> & { readonly told: ChainEvent } {
  const proposed = { ...proposal, since: now, left: timeLeft(current, now, limits) }
  const waiting = { ...current, proposal: proposed }
  return {
    state: { ...state, current: waiting },
    timers: NO_DEADLINE,
    index: indexOf(state, 'running', now, waiting),
    told: { type: 'decision-wait', ...proposal, at: now },
  }
}

/** At least what an answer takes, for it may be decided that there is to be one. */
function timeLeft({ due }: Current, now: number, { deadline }: ChainLimits): number {
  return due === undefined ? deadline : Math.min(deadline, Math.max(GRACE, due - now))
}
