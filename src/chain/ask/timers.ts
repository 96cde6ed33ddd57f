import type { Timer } from '../../kernel/types.ts'

/** The least time, in ms, for a Yield called at the deadline and for an ask that goes on after a decision. */
export const GRACE = 60_000

/** The timer that fires when the time of an ask is up, `delay` ms from now. */
export function deadlineFor(ask: number, delay: number): { readonly deadline: Timer } {
  return { deadline: { delay, body: { type: 'deadline', ask } } }
}

/** Cancels that timer. */
export const NO_DEADLINE = { deadline: null }
