import { suggestOrList } from '../../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../../diagnostics/finding.ts'
import type { StepSpec } from '../../parse/pipeline-spec.ts'

/** For each step of one scope, the steps it waits for. */
export type DependencyGraph = { readonly [id: string]: readonly string[] }

/** The ids a step may wait for. `list`, and `lies` (the place of another step), are used only for a suggestion. */
export type KnownIds = {
  has(id: string): boolean
  list(): readonly string[]
  lies?(id: string): { readonly where: string; readonly hint: string } | undefined
}

/** The declared dependencies of a step. Unknown ids are reported and left out. */
export function resolveDependencies(step: StepSpec, known: KnownIds, report: ReportFinding): readonly string[] {
  return step.dependencies.flatMap(({ id, path }) => {
    if (known.has(id) && id !== step.id) return [id]
    refuseDependency(step.id, id, path, known, report)
    return []
  })
}

function refuseDependency(step: string, id: string, path: DocumentPath, known: KnownIds, report: ReportFinding): void {
  if (id === step) {
    report('dependency_self', path, `step \`${id}\` depends on itself`, { step, about: { step: id } })
    return
  }
  const others = known.list().filter((other) => other !== step)
  const { where = 'does not exist', hint = suggestOrList(id, others, 'the other steps are') } = known.lies?.(id) ?? {}
  report('dependency_unknown', path, `step \`${step}\` depends on \`${id}\`, which ${where}`, {
    step,
    hint,
    about: { step: id },
  })
}

/** The dependents of each step. */
export function dependentsOf(needs: DependencyGraph): { readonly [id: string]: readonly string[] } {
  const dependents: { [id: string]: string[] } = Object.fromEntries(Object.keys(needs).map((id) => [id, []]))
  for (const [id, waited] of Object.entries(needs)) for (const need of waited) dependents[need]?.push(id)
  return dependents
}

/** A cycle, each step followed by the one it waits for; undefined if there is none. */
export function findCycle(needs: DependencyGraph): readonly string[] | undefined {
  const waiting = new Map(Object.entries(needs).map(([id, waited]) => [id, waited.length]))
  const dependents = dependentsOf(needs)
  const free = [...waiting].filter(([, count]) => count === 0).map(([id]) => id)
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    waiting.delete(id)
    for (const dependent of dependents[id] ?? []) {
      const count = waiting.get(dependent)! - 1
      waiting.set(dependent, count)
      if (count === 0) free.push(dependent)
    }
  }
  const [first] = waiting.keys()
  return first === undefined ? undefined : walkCycle(first, needs, waiting)
}

/** Every remaining step waits for another remaining one, so following the waits finds a cycle. */
function walkCycle(first: string, needs: DependencyGraph, waiting: ReadonlyMap<string, number>): readonly string[] {
  const way: string[] = []
  let id = first
  while (!way.includes(id)) {
    way.push(id)
    id = needs[id]!.find((need) => waiting.has(need))!
  }
  return way.slice(way.indexOf(id))
}
