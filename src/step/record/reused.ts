import { present } from '../../lib/json/present.ts'
import type { EndedStep, StepOutcome } from './outcome.ts'

/** The part of an earlier end that can be reused: a result, or that the condition did not hold. */
export function reusableEnd(earlier: EndedStep): StepOutcome | undefined {
  const { goto, reuse: { filesDigest } = {} } = earlier
  const taken = {
    attempts: 0,
    ms: 0,
    ...(goto !== undefined && { goto }),
    reuse: { same: true, ...(filesDigest !== undefined && { filesDigest }) },
  } as const
  if (earlier.status === 'skipped')
    return earlier.reason === 'condition_false' ? { status: 'skipped', reason: earlier.reason, ...taken } : undefined
  if (earlier.status !== 'completed') return undefined
  const { status, result, models, degraded, recovery, artifact, depends, warnings, lacks, whole } = earlier
  return {
    status,
    result,
    ...present({ models, degraded, lacks }),
    ...(recovery?.handled !== undefined && { recovery: { handled: recovery.handled } }),
    ...present({ artifact, depends, warnings, whole }),
    ...taken,
  }
}
