import { INDEX_SEPARATOR } from '../../plan/instance.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'

/** A step with the ids of all loops around it: `[each, read]`. */
type NamedStep = { readonly names: readonly string[]; readonly step: StepSpec; readonly indices: readonly string[] }

/**
 * Reports ids that would make the id of an instance ambiguous: a step named like an iteration of a loop
 * (`each_0_read`), or two loops whose names and children overlap (`a_0_x` with `y`, and `a` with `x_1_y`).
 */
export function checkAmbiguousIds({ steps }: PipelineSpec, report: ReportFinding): void {
  for (const alike of Map.groupBy(namesIn(steps, []), shapeOf).values()) {
    const loops = alike.filter(({ names }) => names.length > 1)
    const plain = alike.filter(({ names }) => names.length === 1)
    for (const [n, one] of loops.entries())
      for (const other of [...plain, ...loops.slice(n + 1)])
        if (canCollide(one, other)) reportAmbiguity(one, other, report)
  }
}

function namesIn(steps: readonly StepSpec[], around: readonly string[]): readonly NamedStep[] {
  return steps.flatMap((step) => {
    const names = [...around, step.id]
    return [{ names, step, indices: indicesOf(names) }, ...namesIn(step.loop?.body ?? [], names)]
  })
}

/** An id without its indices. */
const shapeOf = ({ names }: NamedStep) => names.join('.').replaceAll(INDEX_SEPARATOR, '.')

/** Whether the ids are equal for some index. An author's index matches only itself, an index of a loop matches any. */
function canCollide({ indices: a }: NamedStep, { indices: b }: NamedStep): boolean {
  return a.every((index, at) => index === ANY_INDEX || b[at] === ANY_INDEX || index === b[at])
}

const ANY_INDEX = '.'

function indicesOf(names: readonly string[]): readonly string[] {
  return [...names.join('.').matchAll(/_(\d+)_(?=[a-zA-Z])|\./g)].map(([, index = ANY_INDEX]) => index)
}

function reportAmbiguity(one: NamedStep, { names, step }: NamedStep, report: ReportFinding): void {
  const loop = one.names.slice(0, -1).join('.')
  const message =
    names.length === 1
      ? `the id \`${step.id}\` is also the id of an iteration of loop \`${loop}\``
      : `loops \`${loop}\` and \`${names.slice(0, -1).join('.')}\` create the same step ids`
  report('ambiguous_step_id', [...step.path, 'id'], message, { step: step.id })
}
