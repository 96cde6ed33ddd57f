import type { StepRow } from '../../src/client.ts'
import { addTo } from '../lib/group.ts'

/** A step, a loop with its iterations, or many steps of one level that stand together. */
export type GraphNode = {
  readonly id: string
  readonly steps: readonly StepRow[]
} & (
  | { readonly kind: 'step' }
  | { readonly kind: 'loop'; readonly turns: number; readonly inside?: readonly Turn[] }
  | { readonly kind: 'level' }
)

/** An iteration of a loop that is open. */
type Turn = { readonly index: number; readonly graph: Graph }

/** Nodes in the order of the author, and the edges between them: which node waits for which. */
export type Graph = {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly (readonly [from: string, to: string])[]
}

/** Which loops and levels are open. */
type IsOpen = (id: string, steps: number) => boolean

/** Above this number, steps of one level stand together. */
const MAX_NODES = 100
/** Steps of a level that are drawn one by one. */
const MAX_LEVEL = 12
const MAX_OPEN_LEVEL = 200
/** Iterations of an open loop that are drawn. */
const MAX_TURNS = 24

/** The graph of a run as it is drawn. Pure. */
export function graphOf(steps: readonly StepRow[], isOpen: IsOpen): Graph {
  const known = new Set(steps.map(({ id }) => id))
  const below = new Map<string, { readonly index: number; readonly step: StepRow }[]>()
  const top: StepRow[] = []
  for (const step of steps) {
    const place = placeIn(step.id, known)
    if (!place) top.push(step)
    else addTo(below, place.loop, { index: place.index, step })
  }
  return graphWith(top, below, isOpen)
}

/** The innermost loop of a step, and its iteration. */
export function placeIn(
  id: string,
  known: Pick<ReadonlySet<string>, 'has'>,
): { readonly loop: string; readonly index: number; readonly name: string } | undefined {
  const places = [...id.matchAll(/_(\d+)_(?=[a-zA-Z])/g)].toReversed()
  for (const { 0: between, 1: index, index: at } of places) {
    const loop = id.slice(0, at)
    if (known.has(loop)) return { loop, index: Number(index), name: id.slice(at + between.length) }
  }
  return undefined
}

type Below = Map<string, { readonly index: number; readonly step: StepRow }[]>

function graphWith(steps: readonly StepRow[], below: Below, isOpen: IsOpen): Graph {
  const nodes = steps.map((step) => nodeOf(step, below, isOpen))
  const own = new Set(steps.map(({ id }) => id))
  const edges = steps.flatMap(({ id, dependencies }) =>
    dependencies.filter((need) => own.has(need) && need !== id).map((need) => [need, id] as const),
  )
  return nodes.length > MAX_NODES ? grouped({ nodes, edges }, isOpen) : { nodes, edges }
}

function nodeOf(step: StepRow, below: Below, isOpen: IsOpen): GraphNode {
  const inside = below.get(step.id)
  if (!inside) return { kind: 'step', id: step.id, steps: [step] }
  const byTurn = new Map<number, StepRow[]>()
  for (const { index, step: one } of inside) addTo(byTurn, index, one)
  const all = [step, ...inside.map(({ step: one }) => one)]
  const loop = { kind: 'loop' as const, id: step.id, steps: all, turns: byTurn.size }
  if (!isOpen(step.id, all.length)) return loop
  const turns = [...byTurn].sort(([a], [b]) => a - b).slice(0, MAX_TURNS)
  return { ...loop, inside: turns.map(([index, rows]) => ({ index, graph: graphWith(rows, below, isOpen) })) }
}

/** A graph whose wide levels are one node each, unless they are open. */
function grouped({ nodes, edges }: Graph, isOpen: IsOpen): Graph {
  const levels = levelsOf(nodes, edges)
  const byLevel = new Map<number, GraphNode[]>()
  for (const node of nodes) {
    const level = levels.get(node.id)!
    addTo(byLevel, level, node)
  }
  const standsFor = new Map<string, string>()
  const shown = [...byLevel]
    .sort(([a], [b]) => a - b)
    .flatMap(([level, members]) => {
      const id = `level ${level + 1}`
      const single =
        members.length <= MAX_LEVEL ? members : isOpen(id, members.length) ? members.slice(0, MAX_OPEN_LEVEL) : []
      const rest = members.slice(single.length)
      for (const { id: member } of rest) standsFor.set(member, id)
      const group = { kind: 'level' as const, id, steps: rest.flatMap(({ steps }) => steps) }
      return rest.length === 0 ? single : [...single, group]
    })
  const merged = new Map<string, readonly [string, string]>()
  for (const [from, to] of edges) {
    const edge = [standsFor.get(from) ?? from, standsFor.get(to) ?? to] as const
    if (edge[0] !== edge[1]) merged.set(edge.join('\n'), edge)
  }
  return { nodes: shown, edges: [...merged.values()] }
}

/** The level of each node: one below the lowest that it waits for. Nodes in a circle count once. */
export function levelsOf(nodes: readonly Pick<GraphNode, 'id'>[], edges: Graph['edges']): ReadonlyMap<string, number> {
  const needs = new Map<string, number>(nodes.map(({ id }) => [id, 0]))
  const next = new Map<string, string[]>()
  for (const [from, to] of edges) {
    needs.set(to, (needs.get(to) ?? 0) + 1)
    addTo(next, from, to)
  }
  const levels = new Map<string, number>(nodes.map(({ id }) => [id, 0]))
  const ready = nodes.flatMap(({ id }) => (needs.get(id) === 0 ? [id] : []))
  for (let id = ready.pop(); id !== undefined; id = ready.pop())
    for (const to of next.get(id) ?? []) {
      levels.set(to, Math.max(levels.get(to)!, levels.get(id)! + 1))
      needs.set(to, needs.get(to)! - 1)
      if (needs.get(to) === 0) ready.push(to)
    }
  return levels
}
