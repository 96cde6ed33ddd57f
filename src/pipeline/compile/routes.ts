import type { CompiledStep, Route, RouteName } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { POLICIES } from '../spec/policies.ts'
import { didYouMean, suggestOrList } from '../spec/suggest.ts'
import type { RouteSpec, StepSpec } from '../spec.ts'
import { dependentsOf, findCycle, type Needs } from './graph.ts'
import { openBudget, openReach, type Reach, TooFar } from './reach.ts'

/** A step of one scope, which is the pipeline or the body of a loop. */
export type Scoped = { readonly spec: StepSpec; readonly node: string }

/** What routes make of a scope: who waits for whom, and what is said of each step. */
export type Routing = {
  readonly needs: Needs
  readonly of: (node: string) => Pick<CompiledStep, 'routes' | 'onDemand' | 'skippable' | 'failures'>
}

/** A checked way from one step to another, or from one that failed to none of those behind it. */
type Way = {
  readonly from: string
  readonly on: RouteSpec['on']
  readonly to?: string
  readonly spec: RouteSpec
  /** what the route is called, of several for one end */
  readonly name?: RouteName
}

/**
 * The routes of a scope. A step waits for those that may lead to it; one without dependencies that stands between the two waits for
 * the first of them. What a route passes over is all that follows its beginning and does not follow its end.
 */
export function routeScope(steps: readonly Scoped[], waits: Needs, report: Report): Routing {
  if (steps.every(({ spec }) => spec.routes.length === 0 && spec.onFailure !== 'skip')) return plain(waits)
  try {
    const possible = waysOf(steps, waits, report)
    const demanded = demandedIn(possible, waits)
    const ways = withWaiting(possible, steps, waits, demanded)
    const needs = withWays(ways, waits)
    return findCycle(needs) ? plain(needs) : { needs, of: routingOf(steps, ways, waits, needs, demanded) }
  } catch (error) {
    if (!(error instanceof TooFar)) throw error
    const { spec } = steps.find(({ spec }) => spec.routes.length > 0 || spec.onFailure === 'skip')!
    report('too_large', spec.path, 'the routes of this pipeline lead over too many steps in all', { step: spec.id })
    return plain(waits)
  }
}

const plain = (needs: Needs): Routing => ({ needs, of: () => ({}) })

// the ways that are possible

function waysOf(steps: readonly Scoped[], waits: Needs, report: Report): readonly Way[] {
  const nodes = new Map(steps.map(({ spec, node }) => [spec.id, node]))
  const place = new Map(steps.map(({ node }, index) => [node, index]))
  const reach = openReach(dependentsOf(waits))
  return steps.flatMap(({ spec, node: from }) => {
    const skips = spec.onFailure === 'skip' ? [{ from, on: 'failure' as const, spec: SKIP }] : []
    const isAhead = (to: string) => to !== from && !isBackward(from, to, place, reach)
    const led = spec.routes.flatMap((route): Way[] => {
      const to = nodes.get(route.to)
      const complain = complainer(spec, route, report)
      if (route.asks) {
        const ahead = steps.filter((other) => other.spec.made === undefined && isAhead(other.node))
        if (ahead.length === 0)
          return complain('routing_unknown', { message: `nothing comes behind \`${spec.id}\` to go to` })
        if (ahead.length > CHOICES)
          return complain('too_large', {
            message: `a model chooses among ${CHOICES} steps at most, and ${ahead.length} come behind`,
          })
        return ahead.map((other) => ({
          from,
          on: route.on,
          to: other.node,
          spec: route,
          name: `${route.on}:${other.spec.id}`,
        }))
      }
      if (to === undefined) return complain('routing_unknown', unknown(route, [...nodes.keys()], spec.id))
      if (to === from) return complain('routing_self', { message: `step \`${spec.id}\` goes to itself` })
      if (isBackward(from, to, place, reach)) return complain('routing_backward', backward(spec, route))
      return [{ from, on: route.on, to, spec: route }]
    })
    return [...skips, ...led]
  })
}

/** Among how many steps a model may choose. */
export const CHOICES = 200

const SKIP: RouteSpec = { on: 'failure', to: '', path: [] }

type Complaint = { readonly message: string; readonly hint?: string | undefined }

function complainer({ id }: StepSpec, { path }: RouteSpec, report: Report) {
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
  const hint = (on === 'failure' && didYouMean(to, [...POLICIES, ...others])) || suggestOrList(to, others, 'steps')
  return { message: `there is no step \`${to}\` here: ${scope}`, hint }
}

function backward({ id }: StepSpec, { to }: RouteSpec): Complaint {
  const message = `\`${to}\` comes before \`${id}\`: routes lead forward`
  return { message, hint: `write \`${to}\` behind \`${id}\`, or repeat steps with \`while:\`` }
}

/** Behind is what waits for it; where neither waits for the other, what is written later. */
function isBackward(from: string, to: string, place: ReadonlyMap<string, number>, reach: Reach): boolean {
  const isLater = place.get(to)! > place.get(from)!
  return isLater ? reach(to).has(from) : !reach(from).has(to)
}

// who waits for whom

/** Who waits for nothing but the steps that may lead to it when they fail, or when their condition is false. */
function demandedIn(ways: readonly Way[], waits: Needs): ReadonlySet<string> {
  const sources = new Map<string, Set<string>>()
  for (const { from, to } of ways)
    if (to !== undefined) sources.set(to, (sources.get(to) ?? new Set<string>()).add(from))
  const shortcuts = new Set(ways.flatMap(({ on, to, name }) => (on === 'success' || name ? (to ?? []) : [])))
  const isDetour = (node: string) => waits[node]!.every((need) => sources.get(node)!.has(need))
  return new Set([...sources.keys()].filter((node) => !shortcuts.has(node) && isDetour(node)))
}

/** A way with the nodes that wait for its beginning because of it. */
type Led = Way & { readonly waiting: readonly string[] }

function withWaiting(
  ways: readonly Way[],
  steps: readonly Scoped[],
  waits: Needs,
  demanded: ReadonlySet<string>,
): readonly Led[] {
  const order = steps.map(({ node }) => node)
  const place = new Map(order.map((node, index) => [node, index]))
  const reach = openReach(dependentsOf(waits))
  const spend = openBudget()
  return ways.map((way) => {
    const { from, to } = way
    if (to === undefined) return { ...way, waiting: [] }
    const between = order.slice(place.get(from)! + 1, place.get(to)!)
    spend(between.length)
    const isOpen = (node: string) => waits[node]!.length === 0 && !demanded.has(node) && !reach(node).has(from)
    return { ...way, waiting: [to, ...between.filter(isOpen)] }
  })
}

function withWays(ways: readonly Led[], waits: Needs): Needs {
  const more = new Map<string, Set<string>>()
  for (const { from, waiting } of ways)
    for (const node of waiting) more.set(node, (more.get(node) ?? new Set(waits[node])).add(from))
  return { ...waits, ...Object.fromEntries([...more].map(([node, needs]) => [node, [...needs]])) }
}

// what is passed over

function routingOf(
  steps: readonly Scoped[],
  ways: readonly Led[],
  waits: Needs,
  needs: Needs,
  demanded: ReadonlySet<string>,
): Routing['of'] {
  const dependents = dependentsOf(needs)
  const reachAll = openReach(dependents)
  // all that one of several ways might lead to waits, but only what lies on the one that is taken is passed over
  const settled = dependentsOf(
    withWays(
      ways.filter(({ name }) => name === undefined),
      waits,
    ),
  )
  const spend = openBudget()
  const reachBy = ({ from, waiting }: Led) => {
    spend(steps.length)
    return openReach({ ...settled, [from]: [...new Set([...settled[from]!, ...waiting])] })
  }
  const order = new Map(steps.map(({ node }, index) => [node, index]))
  const inOrder = (nodes: Iterable<string>) => [...nodes].sort((a, b) => order.get(a)! - order.get(b)!)
  const routes = new Map<string, NonNullable<CompiledStep['routes']>>()
  const add = (node: string, end: keyof NonNullable<CompiledStep['routes']>, route: Route) => {
    spend(route.over.length)
    routes.set(node, { ...routes.get(node), [end]: route })
  }
  for (const way of ways) {
    const { from, on, to, name = on } = way
    const reach = way.name === undefined ? reachAll : reachBy(way)
    const kept = to === undefined ? new Set<string>() : new Set([to, ...reach(to)])
    const passed = new Set([...reach(from)].filter((node) => !kept.has(node)))
    for (const node of demanded)
      if (passed.has(node) && !needs[node]!.every((need) => need === from || passed.has(need)))
        for (const spared of [node, ...onlyBehind(node, needs, dependents)]) passed.delete(spared)
    add(from, name, { ...(to !== undefined && { to }), over: inOrder(passed) })
  }
  for (const node of demanded) add(node, 'unreached', { over: [node, ...inOrder(onlyBehind(node, needs, dependents))] })
  const led = Map.groupBy(
    ways.filter(({ on, to }) => on === 'failure' && to !== undefined),
    ({ to }) => to!,
  )
  const passed = new Set(
    [...routes.values()].flatMap((ends) => Object.values(ends).flatMap((route) => route?.over ?? [])),
  )
  return (node) => ({
    ...(routes.has(node) && { routes: routes.get(node)! }),
    ...(demanded.has(node) && { onDemand: true }),
    ...(led.has(node) && { failures: led.get(node)!.map(({ from }) => from) }),
    ...(passed.has(node) && { skippable: true }),
  })
}

/** All that waits for this step and for nothing that does not. */
function onlyBehind(node: string, needs: Needs, dependents: Needs): readonly string[] {
  const behind = new Set([node])
  const open = [...dependents[node]!]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (behind.has(next) || !needs[next]!.every((need) => behind.has(need))) continue
    behind.add(next)
    open.push(...dependents[next]!)
  }
  behind.delete(node)
  return [...behind]
}
