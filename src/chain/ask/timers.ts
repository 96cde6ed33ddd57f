import type { Timer } from '../../kernel/types.ts'

/** ms that Yield gets when it is called for at the deadline, and what goes on after a decision at least. */
export const GRACE = 60_000

/** The timer of an ask that begins, in ms. */
export function deadlineFor(ask: number, delay: number): { readonly deadline: Timer } {
  return { deadline: { delay, body: { type: 'deadline', ask } } }
}

/** The timer of an ask that has ended, called off. */
export const NO_DEADLINE = { deadline: null }
