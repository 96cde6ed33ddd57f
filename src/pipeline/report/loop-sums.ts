import type { StepDocument } from '../../run/document.ts'
import { type ModelUse, sumTaken } from '../../step/record/model-use.ts'
import { instanceId, loopsAround, type StepInstance } from '../plan/instance.ts'

type Sums = NonNullable<StepDocument['inside']>

/**
 * Adds to each loop what the steps of its iterations took together, also those of loops in it. Usage reused from an
 * earlier run does not count. `instances`: those of the steps, in their order. Pure.
 */
export function withLoopSums(
  steps: readonly StepDocument[],
  instances: readonly StepInstance[],
): readonly StepDocument[] {
  const inside = new Map<string, StepDocument[]>()
  for (const [index, instance] of instances.entries())
    for (const loop of loopsAround(instance)) {
      const id = instanceId(loop)
      const known = inside.get(id)
      if (known) known.push(steps[index]!)
      else inside.set(id, [steps[index]!])
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
