import {
  type CompiledPipeline,
  compiledStepAt,
  type RouteKey,
  type RouteOutcome,
  type StepRoute,
} from '../plan/compiled.ts'
import { instanceId, instanceOfNode, loopAround, type StepInstance, stepPartName } from '../plan/instance.ts'
import type { FollowRoute } from '../plan/messages/run.ts'
import type { StepEnd } from '../plan/messages/step-end.ts'
import type { StepPart } from '../plan/step-outcome.ts'
import { type Draft, instanceOf, readStep, updateRun, writeStep } from './draft.ts'
import { FAN, release } from './fan-out.ts'
import { endIteration } from './loops.ts'

/** The way on from a step that ended so, if that is another than to what waits for it. */
export function endOf(
  pipeline: CompiledPipeline,
  node: string,
  { status, handled, reason, goto }: Pick<StepEnd, 'status' | 'handled' | 'reason' | 'goto'>,
): RouteKey | undefined {
  const { routes } = compiledStepAt(pipeline, node)
  const end = nameOf(status, handled, reason)
  const name: RouteKey | undefined = end && goto !== undefined ? `${end}:${goto}` : end
  return name && routes?.[name] ? name : undefined
}

function nameOf(status: string, handled: string | undefined, reason: string | undefined): RouteOutcome | undefined {
  if (status === 'completed') return 'success'
  if (status === 'failed') return handled === undefined ? 'failure' : undefined
  return reason === 'condition_false' ? 'false' : undefined
}

/** Begins to follow a route. */
export function begin(draft: Draft, of: string, end: RouteKey): void {
  draft.again.push({ type: 'skip', of, end, from: 0 })
}

/** Takes one turn of following a route. */
export function goOn(draft: Draft, event: FollowRoute): void {
  const instance = instanceOf(draft, event.of)
  if (event.type === 'skip') skipSome(draft, instance, event)
  else passSome(draft, instance, event)
}

/** The parts that `goOn` reads and writes of steps, those of who waits for them aside. */
export function partsToFollow(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  event: FollowRoute,
): readonly string[] {
  const route = routeOf(pipeline, instance, event)
  const { steps } = event.type === 'skip' ? toSkip(route, event.from) : toPass(pipeline, instance, route, event.from)
  const target = route.to === undefined ? [] : [route.to]
  return [...steps, ...target].map((node) => stepPartName(instanceId(instanceOfNode(instance, node))))
}

/** Those who are told in such a turn that somebody they waited for is done. */
export function passedIn(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  event: FollowRoute,
): readonly StepInstance[] {
  if (event.type === 'skip') return []
  const { steps } = toPass(pipeline, instance, routeOf(pipeline, instance, event), event.from)
  return steps.map((node) => instanceOfNode(instance, node))
}

function routeOf(pipeline: CompiledPipeline, { node }: StepInstance, { end }: FollowRoute): StepRoute {
  return compiledStepAt(pipeline, node).routes![end]!
}

// skipping

function toSkip({ over }: StepRoute, from: number) {
  return { steps: over.slice(from, from + FAN), isLast: over.length <= from + FAN }
}

function skipSome(draft: Draft, instance: StepInstance, event: FollowRoute): void {
  const { steps, isLast } = toSkip(routeOf(draft.pipeline, instance, event), event.from)
  const { of, end } = event
  for (const node of steps) skipStep(draft, instanceOfNode(instance, node), event)
  draft.again.push(isLast ? { type: 'pass', of, end, from: 0 } : { ...event, from: event.from + FAN })
}

/** What has begun, or is to run because another route led to it, goes its own way. */
function skipStep(draft: Draft, instance: StepInstance, { of, end }: FollowRoute): void {
  const step = instanceId(instance)
  const part = readStep(draft, step)
  if (part && (part.status !== 'waiting' || part.demanded)) return
  const reason = end === 'unreached' ? 'not_reached' : 'route'
  const order = orderOf(draft)
  writeStep(draft, step, { status: 'skipped', reason, by: of, order })
  draft.events.push({ type: 'step-end', step, status: 'skipped', attempts: 0, ms: 0, reason, by: of })
  const { skipped, left } = draft.run
  updateRun(draft, { skipped: skipped + 1 })
  const loop = loopAround(instance)
  if (loop) endIteration(draft, loop, instance.indices.at(-1)!)
  else updateRun(draft, { left: left - 1 })
}

/** How many steps ended before. */
export function orderOf({ run: { done, failed, skipped } }: Draft): number {
  return done + failed + skipped
}

// telling who waited

/** A turn tells 256 of those who wait, or all of one step. */
function toPass(pipeline: CompiledPipeline, { node }: StepInstance, { to, over }: StepRoute, from: number) {
  const all = to === undefined && over[0] === node ? over : [node, ...over]
  const steps: string[] = []
  for (let room = FAN; from + steps.length < all.length; ) {
    const next = all[from + steps.length]!
    room -= Math.min(FAN, compiledStepAt(pipeline, next).dependents.length) + 1
    if (room < 0 && steps.length > 0) break
    steps.push(next)
  }
  return { steps, isLast: from + steps.length >= all.length }
}

function passSome(draft: Draft, instance: StepInstance, event: FollowRoute): void {
  const { pipeline } = draft
  const route = routeOf(pipeline, instance, event)
  const { steps, isLast } = toPass(pipeline, instance, route, event.from)
  if (event.from === 0 && route.to !== undefined) demand(draft, instanceOfNode(instance, route.to))
  for (const node of steps) {
    const each = instanceOfNode(instance, node)
    if (isPassed(draft, instance, each, event.of)) release(draft, each, 0)
  }
  if (!isLast) draft.again.push({ ...event, from: event.from + steps.length })
}

/** What another route had passed over before, or what went its own way, tells its dependents itself. */
function isPassed(draft: Draft, of: StepInstance, each: StepInstance, by: string): boolean {
  if (each.node === of.node && readStep(draft, by)?.by === undefined) return true
  return readStep(draft, instanceId(each))?.by === by
}

/** A step that runs only when a route leads to it shall run. */
function demand(draft: Draft, instance: StepInstance): void {
  const { onDemand, needs } = compiledStepAt(draft.pipeline, instance.node)
  if (!onDemand) return
  const id = instanceId(instance)
  const part: StepPart = readStep(draft, id) ?? { status: 'waiting', missing: needs.length }
  if (part.status === 'waiting') writeStep(draft, id, { ...part, demanded: true })
}
