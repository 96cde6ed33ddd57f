import { type StepOutcome, stepPartName, waitingFor } from '../../step/record/outcome.ts'
import { type CompiledPipeline, compiledStepAt } from '../plan/compiled.ts'
import { instanceId, instanceOf, instanceOfNode, loopAround, type StepInstance } from '../plan/instance.ts'
import type { FollowRoute } from '../plan/messages/run.ts'
import type { RouteKey, RouteOutcome, StepRoute } from '../plan/routing.ts'
import { countEnded, type Draft, readStep, updateRun, writeStep } from './draft.ts'
import { MAX_FANOUT, releaseDependents } from './fan-out.ts'
import { countOffStep } from './loops.ts'

/** The route that a step's end selects; undefined when the step simply releases its dependents. */
export function routeTaken(pipeline: CompiledPipeline, node: string, outcome: StepOutcome): RouteKey | undefined {
  const routes = compiledStepAt(pipeline, node).routing?.routes
  if (!routes) return undefined
  const { goto } = outcome
  const end = routeEndOf(outcome)
  const name: RouteKey | undefined = end && goto !== undefined ? `${end}:${goto}` : end
  return name && routes[name] ? name : undefined
}

function routeEndOf(outcome: StepOutcome): RouteOutcome | undefined {
  switch (outcome.status) {
    case 'completed':
      return 'success'
    case 'failed':
      return outcome.recovery?.handled === undefined ? 'failure' : undefined
    case 'skipped':
      return outcome.reason === 'condition_false' ? 'false' : undefined
  }
}

export function beginRoute(draft: Draft, of: string, end: RouteKey): void {
  draft.selfMessages.push({ type: 'skip', of, end, from: 0 })
}

/** Follows a route for one turn. */
export function continueRoute(draft: Draft, event: FollowRoute): void {
  const instance = instanceOf(draft.pipeline, event.of)
  if (event.type === 'skip') skipNext(draft, instance, event)
  else passNext(draft, instance, event)
}

/** The parts of the steps that `continueRoute` reads and writes, without those of their dependents. */
export function partsOnRoute(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  event: FollowRoute,
): readonly string[] {
  const route = routeOf(pipeline, instance, event)
  const { steps } =
    event.type === 'skip' ? skipChunk(route, event.from) : passChunk(pipeline, instance, route, event.from)
  const target = route.to === undefined ? [] : [route.to]
  return [...steps, ...target].map((node) => stepPartName(instanceId(instanceOfNode(instance, node))))
}

/** The steps whose dependents are released in this turn. */
export function stepsPassedOn(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  event: FollowRoute,
): readonly StepInstance[] {
  if (event.type === 'skip') return []
  const { steps } = passChunk(pipeline, instance, routeOf(pipeline, instance, event), event.from)
  return steps.map((node) => instanceOfNode(instance, node))
}

function routeOf(pipeline: CompiledPipeline, { node }: StepInstance, { end }: FollowRoute): StepRoute {
  return compiledStepAt(pipeline, node).routing!.routes![end]!
}

// skipping

function skipChunk({ over }: StepRoute, from: number) {
  return { steps: over.slice(from, from + MAX_FANOUT), isLast: over.length <= from + MAX_FANOUT }
}

function skipNext(draft: Draft, instance: StepInstance, event: FollowRoute): void {
  const { steps, isLast } = skipChunk(routeOf(draft.pipeline, instance, event), event.from)
  const { of, end } = event
  for (const node of steps) skipStep(draft, instanceOfNode(instance, node), event)
  draft.selfMessages.push(isLast ? { type: 'pass', of, end, from: 0 } : { ...event, from: event.from + MAX_FANOUT })
}

/** Skips a step, unless it has begun or another route leads to it. */
function skipStep(draft: Draft, instance: StepInstance, { of, end }: FollowRoute): void {
  const step = instanceId(instance)
  const part = readStep(draft, step)
  if (part && (part.status !== 'waiting' || part.demanded)) return
  const reason = end === 'unreached' ? 'not_reached' : 'route'
  const order = countEnded(draft)
  writeStep(draft, step, { status: 'skipped', attempts: 0, ms: 0, reason, by: of, order })
  draft.events.push({ type: 'step-end', step, status: 'skipped', attempts: 0, ms: 0, reason, by: of })
  const { skipped, left } = draft.run
  updateRun(draft, { skipped: skipped + 1 })
  const loop = loopAround(instance)
  if (loop) countOffStep(draft, loop, instance.indices.at(-1)!)
  else updateRun(draft, { left: left - 1 })
}

// reporting skipped steps

/** One turn releases the dependents of several steps, `MAX_FANOUT` in all, or those of a single step. */
function passChunk(pipeline: CompiledPipeline, { node }: StepInstance, { to, over }: StepRoute, from: number) {
  const all = to === undefined && over[0] === node ? over : [node, ...over]
  const steps: string[] = []
  for (let room = MAX_FANOUT; from + steps.length < all.length; ) {
    const next = all[from + steps.length]!
    room -= Math.min(MAX_FANOUT, compiledStepAt(pipeline, next).edges.dependents.length) + 1
    if (room < 0 && steps.length > 0) break
    steps.push(next)
  }
  return { steps, isLast: from + steps.length >= all.length }
}

function passNext(draft: Draft, instance: StepInstance, event: FollowRoute): void {
  const { pipeline } = draft
  const route = routeOf(pipeline, instance, event)
  const { steps, isLast } = passChunk(pipeline, instance, route, event.from)
  if (event.from === 0 && route.to !== undefined) demandStep(draft, instanceOfNode(instance, route.to))
  for (const node of steps) {
    const each = instanceOfNode(instance, node)
    if (isPassedOver(draft, instance, each, event.of)) releaseDependents(draft, each, 0)
  }
  if (!isLast) draft.selfMessages.push({ ...event, from: event.from + steps.length })
}

/** Whether this route skipped the step. One that another route skipped, or that ran, releases its dependents itself. */
function isPassedOver(draft: Draft, of: StepInstance, each: StepInstance, by: string): boolean {
  if (each.node === of.node && routeThatSkipped(draft, by) === undefined) return true
  return routeThatSkipped(draft, instanceId(each)) === by
}

function routeThatSkipped(draft: Draft, step: string): string | undefined {
  const part = readStep(draft, step)
  return part?.status === 'skipped' ? part.by : undefined
}

/** Marks an on-demand step as wanted, because a route leads to it. */
function demandStep(draft: Draft, instance: StepInstance): void {
  const { edges, routing } = compiledStepAt(draft.pipeline, instance.node)
  if (!routing?.onDemand) return
  const id = instanceId(instance)
  const part = readStep(draft, id) ?? waitingFor(edges.needs)
  if (part.status === 'waiting') writeStep(draft, id, { ...part, demanded: true })
}
