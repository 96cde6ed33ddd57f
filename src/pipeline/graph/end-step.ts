import { endEvent } from '../../step/messages/end-event.ts'
import type { LoopReport, SequenceEnd, StepEnd, StepReport } from '../../step/messages/step-end.ts'
import { mergeModelUses } from '../../step/record/model-use.ts'
import { type EndedStep, OUTPUTS_STEP, type StepOutcome, withFailedHandlers } from '../../step/record/outcome.ts'
import type { StepProblem, StepWait } from '../../step/record/step.ts'
import { compiledStepAt, loopWorkAt } from '../plan/compiled.ts'
import { instanceId, instanceOf, isInBody, isLoop, loopAround, type StepInstance } from '../plan/instance.ts'
import type { FollowRoute } from '../plan/messages/run.ts'
import type { RouteKey } from '../plan/routing.ts'
import { countEnded, type Draft, emitStepStart, readLoop, readStep, updateLoop, updateRun, writeStep } from './draft.ts'
import { endOutputs } from './end-run.ts'
import { releaseDependents } from './fan-out.ts'
import {
  closeIteration,
  closeLoop,
  countBodyStepEnd,
  countOffStep,
  countOffSteps,
  extendLoop,
  isStopped,
  loopStatus,
} from './loops.ts'
import { beginRoute, continueRoute, routeTaken } from './routes.ts'
import { refillWindow } from './window.ts'

/** Applies the end of a step. A step that is not in flight has ended already and is ignored. */
export function endStep(draft: Draft, end: StepReport): void {
  const instance = instanceOf(draft.pipeline, end.step)
  if (!isInFlight(draft, instance)) return
  if (end.status === 'iterating') continueLoop(draft, instance, end)
  else if (instance.node === OUTPUTS_STEP) endOutputs(draft, end)
  else recordEnd(draft, instance, end, draft.at)
}

/** Applies the ends of steps that ran one after another in a turn. Each passes its place on; the last one frees it. */
export function endSequence(draft: Draft, { ends }: SequenceEnd): void {
  const [first, ...rest] = ends
  if (rest.length === 0) endStep(draft, first)
  else endSteps(draft, ends)
}

function endSteps(draft: Draft, ends: SequenceEnd['ends']): void {
  const [first] = ends
  if (!isInFlight(draft, instanceOf(draft.pipeline, first.step))) return
  const last = ends.at(-1)!
  const instance = instanceOf(draft.pipeline, last.step)
  const others = ends.slice(0, -1)
  // the last step ended at the time of the report, each other step at the start of the next one
  let ended = draft.at - totalMs(ends) + first.ms
  for (let n = 0; n < others.length; n++) {
    const next = ends[n + 1]!
    writeEnd(draft, others[n]!, countEnded(draft) + n, ended)
    emitStepStart(draft, next.step)
    ended += next.ms
  }
  countEarlierEnds(draft, others, instance)
  recordEnd(draft, instance, last, draft.at)
}

function countEarlierEnds(draft: Draft, ends: readonly StepEnd[], instance: StepInstance): void {
  const { inFlight, left, done } = draft.run
  const count = ends.length
  const first = ends[0]!.step
  updateRun(draft, { done: done + count, ...(ends.some((end) => end.degraded) && { degraded: true }) })
  const loop = loopAround(instance)
  if (loop) countOffSteps(draft, loop, instance.indices.at(-1)!, count, totalMs(ends))
  else updateRun(draft, { inFlight: inFlight.map((id) => (id === first ? instance.node : id)), left: left - count })
}

const totalMs = (ends: readonly StepEnd[]) => ends.reduce((sum, { ms }) => sum + ms, 0)

/** Whether a step is in flight. The run's cell lists steps of the graph and only counts those of loop bodies. */
export function isInFlight(draft: Draft, instance: StepInstance): boolean {
  if (!isInBody(instance.node)) return draft.run.inFlight.includes(instance.node)
  return readStep(draft, instanceId(instance))?.status === 'running'
}

/** Starts further iterations of a loop, unless something around it has failed. */
function continueLoop(draft: Draft, loop: StepInstance, { plan, models = [] }: LoopReport): void {
  if (isStopped(draft, loopAround(loop))) {
    recordEnd(draft, loop, { ...abortedLoopEnd(loop), ...(models.length > 0 && { models }) })
    return
  }
  extendLoop(draft, loop, plan)
  if (models.length > 0) updateLoop(draft, loop, { models: mergeModelUses(readLoop(draft, loop)!.models, models) })
  settleLoop(draft, loop)
}

/** Records a step's end, emits its event, releases what waited. `at`: its time; absent for a loop that a run ends. */
function recordEnd(draft: Draft, instance: StepInstance, ended: StepEnd, at?: number): void {
  const asked = isLoop(draft.pipeline, instance.node) ? readLoop(draft, instance)?.models : undefined
  const end = asked ? { ...ended, models: mergeModelUses(asked, ended.models) } : ended
  writeEnd(draft, end, countEnded(draft), at)
  const problem = countEnd(draft, instance, end)
  const fatal = problem ? fatalCountOf(draft, instance) + (isUnhandled(end) ? 1 : 0) : 0
  if (isLoop(draft.pipeline, instance.node)) closeLoop(draft, instance)
  const route = routeTaken(draft.pipeline, instance.node, end)
  const loop = loopAround(instance)
  if (loop) completeBodyStep(draft, loop, instance, { ms: end.ms, problem, fatal, route })
  else completeStep(draft, instance, problem, route)
}

/** Follows the route a step has taken, or releases its dependents. */
function continueAfter(draft: Draft, instance: StepInstance, route: RouteKey | undefined): void {
  if (route) beginRoute(draft, instanceId(instance), route)
  else releaseDependents(draft, instance, 0)
}

function countEnd(draft: Draft, instance: StepInstance, end: StepEnd): StepProblem | undefined {
  const { step, status, recovery } = end
  for (const other of end.standby ?? EMPTY) writeEnd(draft, other, countEnded(draft))
  const { done, failed, skipped, unhandled = 0 } = draft.run
  if (status === 'completed') updateRun(draft, { done: done + 1 })
  else if (status === 'failed') updateRun(draft, { failed: failed + 1 })
  else updateRun(draft, { skipped: skipped + 1 })
  // the handling of a failed loop also settles the failures inside it
  const settled = status === 'skipped' ? 0 : fatalCountOf(draft, instance)
  if (isUnhandled(end)) updateRun(draft, { unhandled: unhandled + 1 })
  else if (settled > 0) updateRun(draft, { unhandled: unhandled - settled })
  if (end.degraded) updateRun(draft, { degraded: true })
  const onFailure = compiledStepAt(draft.pipeline, instance.node).recovery?.onFailure
  const isFatal = (isUnhandled(end) && onFailure !== 'continue') || isOutOfTime(draft, instance, end)
  if (isFatal && onFailure === 'undo') updateRun(draft, { compensation: 'due' })
  const problem = problemIn(end)
  if (!isFatal || !problem) return undefined
  return causeOf(draft, instance) ?? withFailedHandlers({ ...problem, step }, recovery?.failedHandlers ?? EMPTY)
}

const EMPTY: readonly never[] = []

const isUnhandled = (end: StepEnd) => end.status === 'failed' && end.recovery?.handled === undefined

const problemIn = (end: StepOutcome) => (end.status === 'skipped' ? undefined : end.problem)

/** The number of failures that a loop fails with. */
function fatalCountOf(draft: Draft, instance: StepInstance): number {
  return isLoop(draft.pipeline, instance.node) ? (readLoop(draft, instance)?.fatal ?? 0) : 0
}

/** Whether a step was cut off by the time limit of its iteration. Timers may fire slightly early. */
function isOutOfTime(draft: Draft, instance: StepInstance, end: StepEnd): boolean {
  const loop = loopAround(instance)
  const limit = loop && loopWorkAt(draft.pipeline, loop.node).limit
  if (!loop || limit === undefined || problemIn(end)?.code !== 'timeout') return false
  const state = readLoop(draft, loop)!
  return state.ms - state.before + end.ms >= limit - TIMER_TOLERANCE_MS
}

const TIMER_TOLERANCE_MS = 5

/** A loop fails with the problem of the body step that failed. */
function causeOf(draft: Draft, instance: StepInstance): StepProblem | undefined {
  return isLoop(draft.pipeline, instance.node) ? readLoop(draft, instance)?.problem : undefined
}

function writeEnd(draft: Draft, end: StepEnd, order: number, at?: number): void {
  const { type: _, step, standby: __, tries: ___, ...outcome } = end
  const part: EndedStep =
    at === undefined || outcome.status === 'skipped' ? { ...outcome, order } : { ...outcome, order, at }
  writeStep(draft, step, part)
  draft.events.push(endEvent(end))
}

/** Records that a step waits for its next attempt. */
export function suspendStep(draft: Draft, wait: StepWait): void {
  const { step, until, attempts, problem } = wait
  if (!isInFlight(draft, instanceOf(draft.pipeline, step))) return
  writeStep(draft, step, { status: 'running', retry: { until, attempts, problem } })
  draft.events.push(wait)
}

export function followRoute(draft: Draft, event: FollowRoute): void {
  continueIn(draft, loopAround(instanceOf(draft.pipeline, event.of)), () => continueRoute(draft, event))
}

/** Continues in the body of a loop. The loop may end by that, or because nothing more may start. */
export function continueIn(draft: Draft, loop: StepInstance | undefined, act: () => void): void {
  if (loop && (!readLoop(draft, loop) || loopStatus(draft, loop) === 'asking')) return
  if (!isStopped(draft, loop)) act()
  if (loop) settleLoop(draft, loop)
}

function completeStep(draft: Draft, instance: StepInstance, problem: StepProblem | undefined, route?: RouteKey): void {
  const { inFlight, left } = draft.run
  updateRun(draft, { inFlight: inFlight.filter((id) => id !== instance.node), left: left - 1 })
  if (problem) updateRun(draft, { problem: draft.run.problem ?? problem })
  if (draft.run.problem) return
  refillWindow(draft)
  continueAfter(draft, instance, route)
}

function completeBodyStep(draft: Draft, loop: StepInstance, instance: StepInstance, landing: BodyStepEnd): void {
  const { ms, problem, fatal, route } = landing
  countBodyStepEnd(draft, loop, ms, problem, fatal)
  const index = instance.indices.at(-1)!
  if (!isStopped(draft, loop)) {
    // in a loop that continues, a failed step ends its iteration
    if (problem) closeIteration(draft, loop, index)
    else {
      continueAfter(draft, instance, route)
      countOffStep(draft, loop, index)
    }
  }
  settleLoop(draft, loop)
}

/** The end of a body step: its duration, the problem that stops the loop, how many failures it means, its route. */
type BodyStepEnd = {
  readonly ms: number
  readonly problem: StepProblem | undefined
  readonly fatal: number
  readonly route: RouteKey | undefined
}

function settleLoop(draft: Draft, loop: StepInstance): void {
  const outcome = loopStatus(draft, loop)
  if (outcome === 'running') return
  const { next, problem } = readLoop(draft, loop)!
  switch (outcome) {
    case 'asking':
      draft.starts.push({ id: instanceId(loop), iteration: next, ...(problem && { problem }) })
      break
    case 'failed':
      recordEnd(draft, loop, failedLoopEnd(loop, problem!))
      break
    case 'aborted':
      recordEnd(draft, loop, abortedLoopEnd(loop))
      break
  }
}

function failedLoopEnd(loop: StepInstance, { step: _, failedHandlers: __, ...problem }: StepProblem): StepEnd {
  return { type: 'step-end', step: instanceId(loop), status: 'failed', attempts: 1, ms: 0, problem }
}

function abortedLoopEnd(loop: StepInstance): StepEnd {
  return { type: 'step-end', step: instanceId(loop), status: 'skipped', attempts: 0, ms: 0, reason: 'aborted' }
}
