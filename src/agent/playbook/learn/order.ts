import { type StepOfCall, textsIn } from './written.ts'

/**
 * The steps that each step waits for, by id. It waits for those whose results it reads. Calls with effects keep their
 * order: such a call waits for all calls of earlier rounds, and calls of later rounds wait for it. Calls of one round
 * were made side by side, so they need no order. Pure.
 */
export function needsOf(steps: readonly StepOfCall[]): ReadonlyMap<string, readonly string[]> {
  const ancestors = new Map<string, ReadonlySet<string>>()
  const needs = new Map<string, readonly string[]>()
  for (const step of steps) {
    const before = steps.filter((other) => mustPrecede(other, step)).map(({ id }) => id)
    const indirect = new Set(before.flatMap((id) => [...ancestors.get(id)!]))
    needs.set(
      step.id,
      before.filter((id) => !indirect.has(id)),
    )
    ancestors.set(step.id, new Set([...before, ...indirect]))
  }
  return needs
}

function mustPrecede(one: StepOfCall, step: StepOfCall): boolean {
  if (one.call.round >= step.call.round) return false
  return !one.call.isPure || !step.call.isPure || reads(step, one.place)
}

function reads({ written }: StepOfCall, place: number): boolean {
  const segments = textsIn(written).flatMap((text) => text.segments)
  return segments.some((segment) => typeof segment !== 'string' && segment.type === 'result' && segment.call === place)
}

/** All steps that come before a step, by their ids. */
export function ancestorsOf(id: string, needs: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (step: string): void => {
    for (const need of needs.get(step) ?? []) {
      if (found.has(need)) continue
      found.add(need)
      visit(need)
    }
  }
  visit(id)
  return found
}
