import type { Timer } from '../../kernel/types.ts'

/** Minimum time, in ms, for a Yield called at the deadline and for an ask that resumes after a decision. */
export const MIN_TIME_LEFT_MS = 60_000

/** The deadline timer of an ask; it fires `delay` ms from now. */
export function deadlineTimer(ask: number, delay: number): { readonly deadline: Timer } {
  return { deadline: { delay, body: { type: 'deadline', ask } } }
}

/** Cancels the deadline timer. */
export const CLEAR_DEADLINE = { deadline: null }
