import { sampleWords } from '../../../../lib/suggest.ts'
import { didYouMean, suggestOrList } from '../../diagnostics/did-you-mean.ts'
import type { ReportFinding } from '../../diagnostics/finding.ts'
import { MAX_ROUTE_CHOICES, type RouteSpec, type StepSpec } from '../../parse/pipeline-spec.ts'
import { FAILURE_POLICIES } from '../../parse/policies.ts'
import { countBelow } from '../../source/source-map.ts'
import { type DependencyGraph, findCycle } from './dependency-graph.ts'
import type { Edges } from './reachability.ts'
import { createReach, createWorkBudget, includesStep, reverseEdges, WorkLimitExceeded } from './reachability.ts'
import type { RouteFields, RoutePath, WaitingPath } from './route-paths.ts'
import { createRouteFields, toEdges, withRoutePaths } from './route-paths.ts'

/** A step of one scope: the pipeline or the body of a loop. */
export type ScopedStep = { readonly spec: StepSpec; readonly node: string }

/** The dependencies of a scope with its routes, and the route fields of each step. */
type RoutedScope = { readonly needs: DependencyGraph; readonly of: (node: string) => RouteFields }

/**
 * Links the routes of a scope. A step waits for the steps that may lead to it. A step
 * without dependencies that is written between the two ends of a route waits for its
 * start. A route skips all steps that depend on its start and do not depend on its end.
 */
export function linkRoutes(steps: readonly ScopedStep[], waits: DependencyGraph, report: ReportFinding): RoutedScope {
  if (steps.every(({ spec }) => spec.routes.length === 0 && spec.onFailure !== 'skip')) return withoutRoutes(waits)
  const nodes = steps.map(({ node }) => node)
  const edges = toEdges(nodes, waits)
  try {
    const possible = possiblePaths(steps, edges, report)
    const demanded = onDemandSteps(possible, edges)
    const ways = withWaiting(possible, edges, demanded)
    const needs = withRoutePaths(ways, edges)
    const named = Object.fromEntries(nodes.map((node, at) => [node, needs[at]!.map((place) => nodes[place]!)]))
    if (findCycle(named)) return withoutRoutes(named)
    return { needs: named, of: createRouteFields({ nodes, ways, waits: edges, needs, demanded }) }
  } catch (error) {
    if (!(error instanceof WorkLimitExceeded)) throw error
    const { spec } = steps.find(({ spec }) => spec.routes.length > 0 || spec.onFailure === 'skip')!
    report('too_large', spec.path, 'the routes of this pipeline skip too many steps in total', { step: spec.id })
    return withoutRoutes(waits)
  }
}

const withoutRoutes = (needs: DependencyGraph): RoutedScope => ({ needs, of: () => ({}) })

// possible routes

function possiblePaths(steps: readonly ScopedStep[], waits: Edges, report: ReportFinding): readonly RoutePath[] {
  const places = new Map(steps.map(({ spec }, place) => [spec.id, place]))
  const { ahead, isAhead } = createStepOrder(waits)
  return steps.flatMap(({ spec }, from) => {
    const skips = spec.onFailure === 'skip' ? [{ from, on: 'failure' as const }] : []
    const led = spec.routes.flatMap((route): readonly RoutePath[] => {
      if (route.asks) return dynamicPaths(steps, from, route, ahead(from), report)
      const complain = complainer(spec, route, report)
      const to = places.get(route.to)
      if (to === undefined) return complain('routing_unknown', unknown(route, sampleWords(places.keys()), spec.id))
      if (to === from) return complain('routing_self', { message: `step \`${spec.id}\` routes to itself` })
      if (!isAhead(from, to)) return complain('routing_backward', backward(spec, route))
      return [{ from, on: route.on, to }]
    })
    return [...skips, ...led]
  })
}

/** The routes to the steps that a model may choose. */
function dynamicPaths(
  steps: readonly ScopedStep[],
  from: number,
  route: RouteSpec,
  ahead: readonly number[],
  report: ReportFinding,
): readonly RoutePath[] {
  const { spec } = steps[from]!
  const complain = complainer(spec, route, report)
  const choices = ahead.filter((to) => steps[to]!.spec.made === undefined)
  if (choices.length === 0) return complain('routing_unknown', { message: `no step follows \`${spec.id}\`` })
  if (choices.length > MAX_ROUTE_CHOICES)
    return complain('too_large', {
      message: `a model chooses among at most ${MAX_ROUTE_CHOICES} steps, got ${choices.length} later steps`,
    })
  const { on } = route
  return choices.map((to) => ({ from, on, to, name: `${on}:${steps[to]!.spec.id}` as const }))
}

type Complaint = { readonly message: string; readonly hint?: string | undefined }

function complainer({ id }: StepSpec, { path }: RouteSpec, report: ReportFinding) {
  return (
    code: 'routing_unknown' | 'routing_self' | 'routing_backward' | 'too_large',
    { message, hint }: Complaint,
  ): [] => {
    report(code, path, message, { step: id, hint })
    return []
  }
}

function unknown({ to, on }: RouteSpec, known: readonly string[], self: string): Complaint {
  const others = known.filter((id) => id !== self)
  const scope = 'a route stays within the pipeline, or within the body of one loop'
  const hint =
    (on === 'failure' && didYouMean(to, [...FAILURE_POLICIES, ...others])) ||
    suggestOrList(to, others, 'the other steps are')
  return { message: `there is no step \`${to}\` here: ${scope}`, hint }
}

function backward({ id }: StepSpec, { to }: RouteSpec): Complaint {
  const message = `expected a step after \`${id}\`, got \`${to}\`, which comes before it`
  return { message, hint: `Move \`${to}\` after \`${id}\`, or repeat steps with \`while:\`.` }
}

/** A step is ahead if it waits for the other; if neither waits for the other, the one written later is ahead. */
function createStepOrder(waits: Edges) {
  const [behind, before] = [createReach(reverseEdges(waits)), createReach(waits)]
  const isBehind = (to: number, from: number) => includesStep(behind(from), to)
  return {
    isAhead: (from: number, to: number) => (to > from ? !isBehind(from, to) : isBehind(to, from)),
    ahead(from: number): readonly number[] {
      const earlier = before(from)
      const later = [...waits.keys()].slice(from + 1).filter((place) => !includesStep(earlier, place))
      return [...behind(from).filter((place) => place < from), ...later]
    },
  }
}

// dependencies that follow from routes

/** The steps that wait only for steps that may lead to them by a failure or a false condition. */
function onDemandSteps(ways: readonly RoutePath[], waits: Edges): ReadonlySet<number> {
  const sources = new Map<number, Set<number>>()
  for (const { from, to } of ways)
    if (to !== undefined) sources.set(to, (sources.get(to) ?? new Set<number>()).add(from))
  const shortcuts = new Set(ways.flatMap(({ on, to, name }) => (on === 'success' || name ? (to ?? []) : [])))
  const isDetour = (place: number) => waits[place]!.every((need) => sources.get(place)!.has(need))
  return new Set([...sources.keys()].filter((place) => !shortcuts.has(place) && isDetour(place)))
}

function withWaiting(ways: readonly RoutePath[], waits: Edges, demanded: ReadonlySet<number>): readonly WaitingPath[] {
  const open = waits.flatMap((needs, place) => (needs.length === 0 && !demanded.has(place) ? [place] : []))
  const before = createReach(waits)
  const spend = createWorkBudget()
  return ways.map((way) => {
    const { from, to } = way
    if (to === undefined) return { ...way, waiting: [] }
    spend(Math.max(0, to - from))
    const between = open.slice(countBelow(open, from + 1), countBelow(open, to))
    return { ...way, waiting: [to, ...between.filter((place) => !includesStep(before(from), place))] }
  })
}
