import type { CompiledStep, RouteKey, StepRoute } from '../../../plan/compiled.ts'
import type { RouteSpec } from '../../parse/pipeline-spec.ts'
import type { DependencyGraph } from './dependency-graph.ts'
import {
  createReach,
  createWalk,
  createWorkBudget,
  type Edges,
  reverseEdges,
  type StepIndexes,
} from './reachability.ts'

/** A checked way from one step to another, by their places, or from one that failed to none of those behind it. */
export type RoutePath = {
  readonly from: number
  readonly on: RouteSpec['on']
  readonly to?: number
  /** what the route is called, of several for one end */
  readonly name?: RouteKey
}
/** A way with the steps that wait for its beginning because of it. */
export type WaitingPath = RoutePath & { readonly waiting: readonly number[] }

/** The ways of a scope: its nodes as the author wrote them, who waits for whom without and with the ways, and to whom only failures lead. */
export type ScopePaths = {
  readonly nodes: readonly string[]
  readonly ways: readonly WaitingPath[]
  readonly waits: Edges
  readonly needs: Edges
  readonly demanded: ReadonlySet<number>
}

/** The fields of a compiled step that describe its routes. */
export type RouteFields = Pick<CompiledStep, 'routes' | 'onDemand' | 'skippable' | 'failures'>

/** How often steps may wait for one another because of routes. */
const MAX_ROUTE_WAITS = 500_000

/** Adds the waits of these paths, which are sorted by their start. Throws WorkLimitExceeded above the limit. */
export function withRoutePaths(ways: readonly WaitingPath[], waits: Edges): Edges {
  const spend = createWorkBudget(MAX_ROUTE_WAITS)
  const more = new Map<number, number[]>()
  for (const { from, waiting } of ways)
    for (const place of waiting) {
      const needs = more.get(place) ?? [...waits[place]!]
      more.set(place, needs)
      if (needs.at(-1) === from) continue
      spend(1)
      needs.push(from)
    }
  // who waited for nothing before waits for each of them once
  const unique = (needs: readonly number[], before: readonly number[]) =>
    before.length === 0 ? needs : [...new Set(needs)]
  return waits.map((before, place) => unique(more.get(place) ?? before, before))
}

/** Edges between nodes as edges between their places in a scope. */
export function toEdges(nodes: readonly string[], needs: DependencyGraph): Edges {
  const places = new Map(nodes.map((node, place) => [node, place]))
  return nodes.map((node) => needs[node]!.map((other) => places.get(other)!))
}

/** Creates the route fields of each step. A path skips all steps after its start that are not after its end. */
export function createRouteFields(scope: ScopePaths): (node: string) => RouteFields {
  const { nodes, ways, demanded } = scope
  const places = new Map(nodes.map((node, place) => [node, place]))
  const routes = new Map<number, { [end in RouteKey]?: StepRoute }>()
  const skippable = new Uint8Array(nodes.length)
  const spend = createWorkBudget()
  const add = (from: number, end: RouteKey, over: StepIndexes | readonly number[], to?: number) => {
    spend(over.length)
    for (const place of over) skippable[place] = 1
    const ends = routes.get(from) ?? {}
    ends[end] = { ...(to !== undefined && { to: nodes[to]! }), over: Array.from(over, (place) => nodes[place]!) }
    routes.set(from, ends)
  }
  const { overOf, spared } = createSkipFinder(scope)
  for (const way of ways) add(way.from, way.name ?? way.on, overOf(way), way.to)
  for (const place of demanded) add(place, 'unreached', spared(place))
  const failed = ways.filter(({ on, to }) => on === 'failure' && to !== undefined)
  const led = Map.groupBy(failed, ({ to }) => to!)
  return (node) => {
    const place = places.get(node)!
    return {
      ...(routes.has(place) && { routes: routes.get(place)! }),
      ...(demanded.has(place) && { onDemand: true }),
      ...(led.has(place) && { failures: led.get(place)!.map(({ from }) => nodes[from]!) }),
      ...(skippable[place] === 1 && { skippable: true }),
    }
  }
}

/** Finds the steps that a path skips, and the steps that depend only on an on-demand step. */
function createSkipFinder({ nodes, ways, waits, needs, demanded }: ScopePaths) {
  const behind = reverseEdges(needs)
  // all that one of several ways might lead to waits, but only what lies on the one that is taken is passed over
  const unnamed = ways.filter(({ name }) => name === undefined)
  const settled = unnamed.length === ways.length ? behind : reverseEdges(withRoutePaths(unnamed, waits))
  const [reach, reachSettled, walk] = [createReach(behind), createReach(settled), createWalk(settled)]
  const spared = rememberBy((place) => withOnlyBehind(place, needs, behind))
  // all zero between two ways
  const passed = new Uint8Array(nodes.length)
  const mark = (places: Iterable<number>, as: 0 | 1) => {
    for (const place of places) passed[place] = as
  }

  function overOf({ from, to, name, waiting }: WaitingPath): StepIndexes {
    const all = name === undefined ? reach(from) : walk([...settled[from]!, ...waiting])
    mark(all, 1)
    if (to !== undefined) mark(name === undefined ? reach(to) : reachSettled(to), 0)
    if (to !== undefined) passed[to] = 0
    for (const place of demanded)
      if (passed[place] === 1 && !needs[place]!.every((need) => need === from || passed[need] === 1))
        mark(spared(place), 0)
    const over = all.filter((place) => passed[place] === 1)
    mark(all, 0)
    return over
  }

  return { overOf, spared }
}

/** A step, and all that waits for it and for nothing that does not: itself first, the others in order. */
function withOnlyBehind(place: number, before: Edges, behind: Edges): readonly number[] {
  const found = new Set([place])
  const open = [...behind[place]!]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next) || !before[next]!.every((need) => found.has(need))) continue
    found.add(next)
    for (const other of behind[next]!) open.push(other)
  }
  found.delete(place)
  return [place, ...Int32Array.from(found).sort()]
}

function rememberBy<T>(make: (place: number) => T): (place: number) => T {
  const known = new Map<number, T>()
  return (place) => {
    const value = known.get(place) ?? make(place)
    known.set(place, value)
    return value
  }
}
