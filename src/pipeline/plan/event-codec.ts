import type { Json } from '../../kernel/schema.ts'

// nearly all events of a run are that a step begins, and that it ends well at its first attempt: these are kept in short

/** That a step begins. */
export const startEvent = (step: string): Json => [step]

/** That a step ended well at its first attempt, after so many ms. */
export const endEvent = (step: string, ms: number): Json => [step, ms]

/** An event of a run with all its fields. */
export function wholeEvent(kept: Json): Json {
  if (!Array.isArray(kept)) return kept
  const [step, ms] = kept as unknown as readonly [string, number?]
  if (ms === undefined) return { type: 'step-start', step }
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms }
}
