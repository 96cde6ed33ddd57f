import type { Report } from '../findings.ts'
import type { PipelineSpec } from '../spec.ts'

/**
 * Reports ids that would make two readings of an instance's id possible: a step named like an iteration of a loop
 * (`each_0_read`), or two loops whose names and children run into each other.
 */
export function checkAmbiguousIds({ steps }: PipelineSpec, report: Report): void {
  const loops = steps.flatMap(({ id, loop }) =>
    loop ? [{ id, children: new Set(loop.body.map((child) => child.id)) }] : [],
  )
  for (const step of steps) {
    const owner = loops.find(({ id, children }) => isIteration(step.id, id, children))
    if (owner)
      report('ambiguous_step_id', [...step.path, 'id'], `\`${step.id}\` is also an iteration of loop \`${owner.id}\``, {
        step: step.id,
      })
  }
  for (const { id, path, loop } of steps) {
    for (const child of loop?.body ?? []) {
      const other = loops.find((candidate) => runsInto(id, child.id, candidate))
      if (other)
        report('ambiguous_step_id', path, `loops \`${other.id}\` and \`${id}\` make the same step ids`, { step: id })
    }
  }
}

type LoopIds = { readonly id: string; readonly children: ReadonlySet<string> }

function isIteration(id: string, loop: string, children: ReadonlySet<string>): boolean {
  if (!id.startsWith(`${loop}_`)) return false
  const rest = /^(\d+)_(.+)$/.exec(id.slice(loop.length + 1))
  return rest !== null && children.has(rest[2]!)
}

/** Whether `id_1_child` is also an iteration of the other loop: `a_0_x` with `y`, and `a` with `x_1_y`. */
function runsInto(id: string, child: string, { id: outer, children }: LoopIds): boolean {
  if (!id.startsWith(`${outer}_`)) return false
  const [, middle] = /^\d+_(.+)$/.exec(id.slice(outer.length + 1)) ?? []
  return middle !== undefined && [...children].some((name) => isIteration(name, middle, new Set([child])))
}
