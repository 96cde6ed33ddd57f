import { hasEnded, type StepPart } from '../../../step/record/outcome.ts'
import type { KnownStep } from './run-steps.ts'

/** Start and end: ms since the epoch. */
export type StepSpan = { readonly from: number; readonly to: number }

/** The spans of the steps that ended, by id. A loop begins with its first step. */
export function stepSpans(
  steps: readonly KnownStep[],
  parts: ReadonlyMap<string, StepPart>,
): ReadonlyMap<string, StepSpan> {
  const spans = new Map<string, StepSpan>()
  for (const { id: step, within = [] } of steps) {
    const part = parts.get(step)
    if (!hasEnded(part) || part.at === undefined) continue
    const { at, ms } = part
    for (const id of [step, ...within]) {
      const { from, to } = spans.get(id) ?? { from: at - ms, to: at }
      spans.set(id, { from: Math.min(from, at - ms), to: Math.max(to, at) })
    }
  }
  return spans
}

/** A duration as documents show it. */
export const toSeconds = (ms: number): number => ms / 1000
