import type { Needs } from './graph.ts'

/** All that follows a step, itself not among it. */
export type Reach = (node: string) => ReadonlySet<string>

/** Steps, routes or outputs lead to one another more often than a pipeline may be looked through for. */
export class TooFar extends Error {}

const MOST = 2_000_000
const KEPT = 64

/** Counts what is looked at; throws TooFar after two million, or so many. */
export function openBudget(most = MOST): (count: number) => void {
  let left = most
  return (count) => {
    left -= count
    if (left < 0) throw new TooFar()
  }
}

/** Says what follows each step of a graph, within a budget. */
export function openReach(dependents: Needs): Reach {
  const known = new Map<string, ReadonlySet<string>>()
  const spend = openBudget()
  return (node) => {
    const reached = known.get(node) ?? reachFrom(node, dependents, spend)
    if (known.size >= KEPT) known.clear()
    known.set(node, reached)
    return reached
  }
}

function reachFrom(node: string, dependents: Needs, spend: (count: number) => void): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...(dependents[node] ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    spend(1)
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...dependents[next]!)
  }
  return reached
}
