import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import {
  decodeStepEnd,
  encodeEndEvent,
  encodePartOfEnd,
  encodeStep,
  endedMs,
  endedStep,
  isCompactEnd,
} from '../plan/codec.ts'
import { compiledStepAt, loopWorkAt, OUTPUTS_NODE, type RouteKey } from '../plan/compiled.ts'
import { instanceId, isInBody, isLoop, loopAround, type StepInstance, stepPartName } from '../plan/instance.ts'
import type { FollowRoute } from '../plan/messages/run.ts'
import type {
  CompactStepEnd,
  EncodedStepEnd,
  LoopPlan,
  SegmentEnd,
  StepEnd,
  StepWait,
} from '../plan/messages/step-end.ts'
import { mergeModelUses } from '../plan/model-use.ts'
import { type StepProblem, withFailedHandlers } from '../plan/step-outcome.ts'
import { announce, type Draft, instanceOf, readLoop, readStep, updateLoop, updateRun, writeStep } from './draft.ts'
import { endOutputs } from './end-run.ts'
import { release } from './fan-out.ts'
import {
  closeLoop,
  countIteration,
  endIteration,
  isStopped,
  landBody,
  leaveIteration,
  loopOutcome,
  turnLoop,
} from './loops.ts'
import { begin, endOf, goOn, orderOf } from './routes.ts'
import { refill } from './window.ts'

/** Takes the end of a step; one that is not running has ended already, and is left alone. */
export function endStep(draft: Draft, told: EncodedStepEnd): void {
  const instance = instanceOf(draft, endedStep(told))
  if (!isInFlight(draft, instance)) return
  const end = decodeStepEnd(told)
  if (instance.node === OUTPUTS_NODE) endOutputs(draft, end)
  else if (end.loop) turn(draft, instance, end.loop, end.models)
  else record(draft, instance, end, told)
}

/** Takes how the steps of one turn ended: each hands its place on to the next, and only the last gives it up. */
export function endSegment(draft: Draft, { ends }: SegmentEnd): void {
  if (!isInFlight(draft, instanceOf(draft, endedStep(ends[0])))) return
  const last = ends.at(-1)!
  const instance = instanceOf(draft, endedStep(last))
  const others = ends.slice(0, -1)
  // the last ended when that was told, each of the others when the next one began
  let ended = draft.at - took(ends) + endedMs(ends[0])
  for (let n = 0; n < others.length; n++) {
    const next = ends[n + 1]!
    keepEnd(draft, others[n]!, orderOf(draft) + n, ended)
    announce(draft, endedStep(next))
    ended += endedMs(next)
  }
  handOn(draft, others, instance)
  record(draft, instance, decodeStepEnd(last), last)
}

function handOn(draft: Draft, ends: readonly EncodedStepEnd[], instance: StepInstance): void {
  if (ends.length === 0) return
  const { flying, left, done } = draft.run
  const count = ends.length
  const first = endedStep(ends[0]!)
  updateRun(draft, { done: done + count, ...(ends.some(isDegraded) && { degraded: true }) })
  const loop = loopAround(instance)
  if (loop) countIteration(draft, loop, instance.indices.at(-1)!, count, took(ends))
  else updateRun(draft, { flying: flying.map((id) => (id === first ? instance.node : id)), left: left - count })
}

const took = (ends: readonly EncodedStepEnd[]) => ends.reduce((sum, told) => sum + endedMs(told), 0)
const isDegraded = (told: EncodedStepEnd) => !isCompactEnd(told) && told.degraded === true

/** Whether a step is under way: steps of the graph are listed in the cell, those of loops are only counted there. */
export function isInFlight(draft: Draft, instance: StepInstance): boolean {
  if (!isInBody(instance.node)) return draft.run.flying.includes(instance.node)
  return readStep(draft, instanceId(instance))?.status === 'running'
}

/** A loop turns on, unless something around it failed meanwhile. */
function turn(draft: Draft, loop: StepInstance, reply: LoopPlan, models: StepEnd['models'] = []): void {
  if (isStopped(draft, loopAround(loop))) {
    record(draft, loop, { ...aborted(loop), ...(models.length > 0 && { models }) })
    return
  }
  turnLoop(draft, loop, reply)
  if (models.length > 0) updateLoop(draft, loop, { models: mergeModelUses(readLoop(draft, loop)!.models, models) })
  followLoop(draft, loop)
}

/** Keeps how a step ended, says so, and lets go on what waited for it; `told`: as itself told it. */
function record(draft: Draft, instance: StepInstance, ended: StepEnd, told?: EncodedStepEnd): void {
  const asked = isLoop(draft.pipeline, instance.node) ? readLoop(draft, instance)?.models : undefined
  const end = asked ? { ...ended, models: mergeModelUses(asked, ended.models) } : ended
  keepEnd(draft, asked ? end : (told ?? end), orderOf(draft), told && draft.at)
  const problem = countEnd(draft, instance, end)
  const fatal = problem ? fatalIn(draft, instance) + (isUnhandled(end) ? 1 : 0) : 0
  if (isLoop(draft.pipeline, instance.node)) closeLoop(draft, instance)
  const route = endOf(draft.pipeline, instance.node, end)
  const loop = loopAround(instance)
  if (loop) landBodyStep(draft, loop, instance, { ms: end.ms, problem, fatal, route })
  else landStep(draft, instance, problem, route)
}

/** Goes on with what a step leads to. */
function leave(draft: Draft, instance: StepInstance, route: RouteKey | undefined): void {
  if (route) begin(draft, instanceId(instance), route)
  else release(draft, instance, 0)
}

function countEnd(draft: Draft, instance: StepInstance, end: StepEnd): StepProblem | undefined {
  const { step, status, problem, failedHandlers } = end
  for (const other of end.others ?? NONE) keepEnd(draft, other, orderOf(draft))
  const { done, failed, skipped, unhandled = 0 } = draft.run
  if (status === 'completed') updateRun(draft, { done: done + 1 })
  else if (status === 'failed') updateRun(draft, { failed: failed + 1 })
  else updateRun(draft, { skipped: skipped + 1 })
  // what is done about a loop that failed is done about what it failed with
  const settled = status === 'skipped' ? 0 : fatalIn(draft, instance)
  if (isUnhandled(end)) updateRun(draft, { unhandled: unhandled + 1 })
  else if (settled > 0) updateRun(draft, { unhandled: unhandled - settled })
  if (end.degraded) updateRun(draft, { degraded: true })
  const { onFailure, undo } = compiledStepAt(draft.pipeline, instance.node)
  const isFatal = (isUnhandled(end) && onFailure === 'fail') || isOutOfTime(draft, instance, end)
  if (isFatal && undo) updateRun(draft, { undoes: true })
  return isFatal
    ? (causeIn(draft, instance) ?? withFailedHandlers({ ...(problem ?? UNTOLD), step }, failedHandlers ?? NONE))
    : undefined
}

const NONE: readonly never[] = []

const isUnhandled = ({ status, handled }: StepEnd) => status === 'failed' && handled === undefined

/** Of a loop: how many failures it fails with. */
function fatalIn(draft: Draft, instance: StepInstance): number {
  return isLoop(draft.pipeline, instance.node) ? (readLoop(draft, instance)?.fatal ?? 0) : 0
}

/** Whether a step was cut off because its iteration took too long: a clock may be a little early. */
function isOutOfTime(draft: Draft, instance: StepInstance, { ms, problem }: StepEnd): boolean {
  const loop = loopAround(instance)
  const limit = loop && loopWorkAt(draft.pipeline, loop.node).limit
  if (!loop || limit === undefined || problem?.code !== 'timeout') return false
  const state = readLoop(draft, loop)!
  return state.ms - state.before + ms >= limit - EARLY
}

const EARLY = 5

/** A loop fails with the step of its body that failed. */
function causeIn(draft: Draft, instance: StepInstance): StepProblem | undefined {
  return isLoop(draft.pipeline, instance.node) ? readLoop(draft, instance)?.problem : undefined
}

function keepEnd(draft: Draft, told: EncodedStepEnd, order: number, at?: number): void {
  if (isCompactEnd(told)) keepShort(draft, told, order, at!)
  else keepWhole(draft, told, order, at)
}

function keepShort(draft: Draft, told: CompactStepEnd, order: number, at: number): void {
  const step = endedStep(told)
  draft.changed[stepPartName(step)] = encodePartOfEnd(told, order, at)
  draft.events.push(encodeEndEvent(step, endedMs(told)))
}

function keepWhole(draft: Draft, end: StepEnd, order: number, at: number | undefined): void {
  const { type, step, loop: _, others: __, ...part } = end
  const { status, attempts, ms } = part
  const timed = at === undefined || status === 'skipped' ? { ...part, order } : { ...part, order, at }
  draft.changed[stepPartName(step)] = encodeStep(timed)
  draft.events.push(
    isPlain(part) ? encodeEndEvent(step, ms) : ({ type, step, status, attempts, ms, ...moreOf(part) } as Json),
  )
}

type End = Omit<StepEnd, 'type' | 'step'>

/** Nearly every end: there is no more to tell of it than that it was well, at the first attempt. */
function isPlain({ status, attempts, problem, models, goto, handled, level, degraded, failedHandlers }: End): boolean {
  const isWell = status === 'completed' && attempts === 1 && !problem && !models && !degraded
  return isWell && goto === undefined && handled === undefined && level === undefined && !failedHandlers
}

function moreOf({ problem, models, goto, handled, level, failedHandlers, degraded, same, attempts }: End) {
  return {
    ...(problem && { problem }),
    ...(models && { models }),
    ...(goto !== undefined && { goto }),
    ...(handled !== undefined && { handled }),
    ...(level !== undefined && { level }),
    ...(failedHandlers && { failedHandlers }),
    ...(degraded && { degraded }),
    ...(same && attempts === 0 && { reused: true }),
  }
}

/** Takes that a step pauses before another attempt. */
export function waitStep(draft: Draft, { type, step, until, attempts, problem }: StepWait): void {
  if (!isInFlight(draft, instanceOf(draft, step))) return
  writeStep(draft, step, { status: 'running', until, attempts, problem })
  draft.events.push({ type, step, until, attempts, problem })
}

/** Takes one turn of following a route. */
export function followRoute(draft: Draft, event: FollowRoute): void {
  goOnIn(draft, loopAround(instanceOf(draft, event.of)), () => goOn(draft, event))
}

/** Goes on in the body of a loop, which may have come to an end by that, or because nothing more is to start meanwhile. */
export function goOnIn(draft: Draft, loop: StepInstance | undefined, act: () => void): void {
  if (loop && (!readLoop(draft, loop) || isAsked(draft, loop))) return
  if (!isStopped(draft, loop)) act()
  if (loop) followLoop(draft, loop)
}

/** Whoever brought a loop so far has asked it. */
const isAsked = (draft: Draft, loop: StepInstance) => loopOutcome(draft, loop) === 'asking'

const UNTOLD: Problem = { code: 'internal', name: 'TerminalError', message: 'the step failed and did not say why' }

function landStep(draft: Draft, instance: StepInstance, problem: StepProblem | undefined, route?: RouteKey): void {
  const { flying, left } = draft.run
  updateRun(draft, { flying: flying.filter((id) => id !== instance.node), left: left - 1 })
  if (problem) updateRun(draft, { problem: draft.run.problem ?? problem })
  if (draft.run.problem) return
  refill(draft)
  leave(draft, instance, route)
}

function landBodyStep(draft: Draft, loop: StepInstance, instance: StepInstance, landing: Landing): void {
  const { ms, problem, fatal, route } = landing
  landBody(draft, loop, ms, problem, fatal)
  const index = instance.indices.at(-1)!
  if (!isStopped(draft, loop)) {
    // in a loop that goes on, a step that failed for good ends its iteration
    if (problem) leaveIteration(draft, loop, index)
    else {
      leave(draft, instance, route)
      endIteration(draft, loop, index)
    }
  }
  followLoop(draft, loop)
}

/** How a step of a body ended: what that took, why nothing may follow it, how many failures that stands for, and the way on where it is a route. */
type Landing = {
  readonly ms: number
  readonly problem: StepProblem | undefined
  readonly fatal: number
  readonly route: RouteKey | undefined
}

function followLoop(draft: Draft, loop: StepInstance): void {
  const outcome = loopOutcome(draft, loop)
  if (outcome === 'running') return
  const { next, problem } = readLoop(draft, loop)!
  switch (outcome) {
    case 'asking':
      draft.start.push({ id: instanceId(loop), turn: next, ...(problem && { problem }) })
      break
    case 'failed':
      record(draft, loop, failedLoop(loop, problem!))
      break
    case 'aborted':
      record(draft, loop, aborted(loop))
      break
  }
}

function failedLoop(loop: StepInstance, { step: _, failedHandlers: __, ...problem }: StepProblem): StepEnd {
  return { type: 'step-end', step: instanceId(loop), status: 'failed', attempts: 1, ms: 0, problem }
}

function aborted(loop: StepInstance): StepEnd {
  return { type: 'step-end', step: instanceId(loop), status: 'skipped', attempts: 0, ms: 0, reason: 'aborted' }
}
