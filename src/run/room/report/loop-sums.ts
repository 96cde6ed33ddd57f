import { type ModelUse, sumTaken } from '../../../step/record/model-use.ts'
import type { StepDocument } from '../../document.ts'
import type { KnownStep } from './run-steps.ts'

type Sums = NonNullable<StepDocument['inside']>

/**
 * Adds to each loop what the steps of its iterations took together, also those of loops in it. Usage reused from an
 * earlier run does not count. `known`: those steps, in the same order. Pure.
 */
export function withLoopSums(steps: readonly StepDocument[], known: readonly KnownStep[]): readonly StepDocument[] {
  const inside = new Map<string, StepDocument[]>()
  for (const [index, { within = [] }] of known.entries())
    for (const loop of within) {
      const found = inside.get(loop)
      if (found) found.push(steps[index]!)
      else inside.set(loop, [steps[index]!])
    }
  if (inside.size === 0) return steps
  return steps.map((step) => {
    const found = inside.get(step.id)
    // the time of a loop is that of its steps, which count themselves
    return found
      ? {
          ...step,
          inside: sumsOf(
            found.filter(({ id }) => !inside.has(id)),
            found,
          ),
        }
      : step
  })
}

function sumsOf(leaves: readonly StepDocument[], all: readonly StepDocument[]): Sums {
  const uses: readonly ModelUse[] = all.flatMap(({ models = [], reused }) => (reused ? [] : models))
  const ms = leaves.reduce((sum, { duration, reused }) => sum + (reused ? 0 : Math.round((duration ?? 0) * 1000)), 0)
  return { steps: leaves.length, duration: ms / 1000, ...sumTaken(uses) }
}
