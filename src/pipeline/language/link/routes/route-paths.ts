import type { RouteKey, StepRoute, StepRouting } from '../../../plan/routing.ts'
import type { RouteSpec } from '../../parse/pipeline-spec.ts'
import type { DependencyGraph } from './dependency-graph.ts'
import type { Edges, StepIndexes } from './reachability.ts'
import { createReach, createWalk, createWorkBudget, reverseEdges } from './reachability.ts'

/** A checked route from a step to another, by their indexes; without `to`, from a failed step to none after it. */
export type RoutePath = {
  readonly from: number
  readonly on: RouteSpec['on']
  readonly to?: number
  /** the name of the route if there are several for one outcome */
  readonly name?: RouteKey
}
/** A route, with the steps that wait for its start because of it. */
export type WaitingPath = RoutePath & { readonly waiting: readonly number[] }

/**
 * The routes of a scope: its nodes in the author's order, the dependencies without and with the routes, and the steps
 * that only failures or false conditions lead to.
 */
type ScopePaths = {
  readonly nodes: readonly string[]
  readonly ways: readonly WaitingPath[]
  readonly waits: Edges
  readonly needs: Edges
  readonly demanded: ReadonlySet<number>
}

/** The fields of a compiled step that describe its routes. */
export type RouteFields = Pick<StepRouting, 'routes' | 'onDemand' | 'skippable' | 'failures'>

/** Maximum dependencies that routes may add. */
const MAX_ROUTE_WAITS = 500_000

/** Adds the dependencies of these routes, which are sorted by their start. Throws WorkLimitExceeded above the limit. */
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
  // a step without dependencies got each of them only once
  const unique = (needs: readonly number[], before: readonly number[]) =>
    before.length === 0 ? needs : [...new Set(needs)]
  return waits.map((before, place) => unique(more.get(place) ?? before, before))
}

/** Edges between nodes, as edges between their indexes in a scope. */
export function toEdges(nodes: readonly string[], needs: DependencyGraph): Edges {
  const places = new Map(nodes.map((node, place) => [node, place]))
  return nodes.map((node) => needs[node]!.map((other) => places.get(other)!))
}

/** Creates the route fields of each step. A route skips all steps after its start that are not after its end. */
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
  // every step that a model may choose waits for the choice, but only steps on the chosen route are skipped
  const unnamed = ways.filter(({ name }) => name === undefined)
  const settled = unnamed.length === ways.length ? behind : reverseEdges(withRoutePaths(unnamed, waits))
  const [reach, reachSettled, walk] = [createReach(behind), createReach(settled), createWalk(settled)]
  const spared = rememberBy((place) => withOnlyBehind(place, needs, behind))
  // all zero between two routes
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

/** A step, and all steps that depend on it and on nothing else: the step first, the others in order. */
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
