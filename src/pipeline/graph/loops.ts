import {
  appendInterval,
  countNumbers,
  EMPTY_INTERVALS,
  includesNumber,
  removeNumber,
} from '../../lib/collections/interval-set.ts'
import type { LoopPlan } from '../../step/messages/step-end.ts'
import type { StepProblem } from '../../step/record/step.ts'
import { loopWorkAt } from '../plan/compiled.ts'
import { instanceId, loopAround, type StepInstance } from '../plan/instance.ts'
import type { LoopProgress } from '../plan/run-state.ts'
import { type Draft, readLoop, startStep, updateLoop, updateRun, writeLoop, writeStep } from './draft.ts'

/** The number of steps that one turn of a loop starts. The run sends itself a message for the rest. */
const MAX_STARTS_PER_FILL = 128
/** The number of iterations that all loops of a run have in flight together. */
const MAX_ITERATIONS_IN_FLIGHT = 1000

/** Opens a loop, or extends it by further iterations, as its actor replied. Starts the first of them. */
export function extendLoop(draft: Draft, loop: StepInstance, { list, most, width, length }: LoopPlan): void {
  const known = readLoop(draft, loop)
  const before = known?.length ?? 0
  if (known && length <= before) return
  if (!known)
    writeStep(draft, instanceId(loop), { status: 'running', loop: { ...(list && { list }), ...(most && { most }) } })
  writeLoop(draft, loop, { ...(known ?? { ...NEW_LOOP, ...(width !== undefined && { width }) }), length })
  const steps = (length - before) * loopWorkAt(draft.pipeline, loop.node).body.length
  updateRun(draft, { total: draft.run.total + steps })
  const type = known ? 'loop-turn' : 'loop-start'
  draft.events.push({ type, step: instanceId(loop), iterations: length, steps })
  fillLoop(draft, loop)
}

const NEW_LOOP: LoopProgress = { length: 0, next: 0, active: EMPTY_INTERVALS, left: {}, inFlight: 0, ms: 0, before: 0 }

/** Starts as many iterations as may be in flight. Those beyond the limit of one turn follow by a message. */
export function fillLoop(draft: Draft, loop: StepInstance): void {
  const { roots } = loopWorkAt(draft.pipeline, loop.node)
  const room = iterationRoom(draft, loop)
  const chunk = Math.max(1, Math.floor(MAX_STARTS_PER_FILL / roots.length))
  startIterations(draft, loop, Math.min(room, chunk))
  const { next, length } = readLoop(draft, loop)!
  if (room > chunk && next < length) draft.selfMessages.push({ type: 'fill', loop: instanceId(loop) })
}

/** How many iterations may still start: limited by the loop and by `MAX_ITERATIONS_IN_FLIGHT`, but always one. */
function iterationRoom(draft: Draft, loop: StepInstance): number {
  const { active, width = 1 } = readLoop(draft, loop)!
  const own = countNumbers(active)
  const { maxParallel } = loopWorkAt(draft.pipeline, loop.node)
  const most = typeof maxParallel === 'number' ? maxParallel : width
  return Math.max(own === 0 ? 1 : 0, Math.min(most - own, MAX_ITERATIONS_IN_FLIGHT - draft.run.iterations))
}

function startIterations(draft: Draft, loop: StepInstance, count: number): void {
  const { roots } = loopWorkAt(draft.pipeline, loop.node)
  const { next, length, active, inFlight, ms } = readLoop(draft, loop)!
  if (count <= 0 || next >= length) return
  const indexes = Array.from({ length: Math.min(count, length - next) }, (_, offset) => next + offset)
  const begun = { next: next + indexes.length, active: appendInterval(active, next, indexes.length), before: ms }
  updateLoop(draft, loop, { ...begun, inFlight: inFlight + indexes.length * roots.length })
  updateRun(draft, { iterations: draft.run.iterations + indexes.length })
  for (const index of indexes) for (const node of roots) startStep(draft, { node, indices: [...loop.indices, index] })
}

export function startBodyStep(draft: Draft, loop: StepInstance, instance: StepInstance): void {
  startStep(draft, instance)
  updateLoop(draft, loop, { inFlight: readLoop(draft, loop)!.inFlight + 1 })
}

/** Counts the end of a body step. With a `problem` the loop starts nothing more, unless its iterations are isolated. */
export function countBodyStepEnd(
  draft: Draft,
  loop: StepInstance,
  took: number,
  problem: StepProblem | undefined,
  failures: number,
): void {
  const { inFlight, ms, problem: first = problem, fatal = 0 } = readLoop(draft, loop)!
  const stops = first && !loopWorkAt(draft.pipeline, loop.node).isolated
  const failing = stops && { problem: first, ...(failures > 0 && { fatal: fatal + failures }) }
  updateLoop(draft, loop, { inFlight: inFlight - 1, ms: ms + took, ...failing })
}

/** Counts ended steps off an iteration that has further steps. */
export function countOffSteps(draft: Draft, loop: StepInstance, index: number, count: number, took: number): void {
  const state = readLoop(draft, loop)!
  const { left, ms } = state
  updateLoop(draft, loop, { left: { ...left, [index]: stepsLeftIn(draft, loop, state, index) - count }, ms: ms + took })
}

/** Counts an ended step off its iteration and closes the iteration after the last one. */
export function countOffStep(draft: Draft, loop: StepInstance, index: number): void {
  const state = readLoop(draft, loop)!
  const rest = stepsLeftIn(draft, loop, state, index) - 1
  if (rest > 0) updateLoop(draft, loop, { left: { ...state.left, [index]: rest } })
  else closeIteration(draft, loop, index)
}

/** The number of steps of an iteration that have not ended; none once it is closed. */
function stepsLeftIn(draft: Draft, loop: StepInstance, { active, left }: LoopProgress, index: number): number {
  if (!includesNumber(active, index)) return 0
  return left[index] ?? loopWorkAt(draft.pipeline, loop.node).body.length
}

/** Closes an iteration. The next one takes its place, and one more where there is room. */
export function closeIteration(draft: Draft, loop: StepInstance, index: number): void {
  const { active, left, next, length } = readLoop(draft, loop)!
  // a step that was under way when its iteration was left has ended
  if (!includesNumber(active, index)) return
  updateLoop(draft, loop, { active: removeNumber(active, index), ...(index in left && without(left, index)) })
  updateRun(draft, { iterations: draft.run.iterations - 1 })
  if (next < length) startIterations(draft, loop, Math.min(2, iterationRoom(draft, loop)))
}

function without(counts: LoopProgress['left'], index: number): Pick<LoopProgress, 'left'> {
  const { [index]: _, ...left } = counts
  return { left }
}

/** Deletes the state of a loop that has ended. A loop that never opened has none. */
export function closeLoop(draft: Draft, loop: StepInstance): void {
  const state = readLoop(draft, loop)
  if (!state) return
  updateRun(draft, { iterations: draft.run.iterations - countNumbers(state.active) })
  writeLoop(draft, loop, null)
}

/** Whether nothing more may start, because the run, this loop or a loop around it has failed. */
export function isStopped(draft: Draft, loop: StepInstance | undefined): boolean {
  if (draft.run.problem) return true
  for (let around = loop; around; around = loopAround(around)) if (readLoop(draft, around)?.problem) return true
  return false
}

/** Whether a loop is running, asks its actor how to continue, or ends because something failed. */
export function loopStatus(draft: Draft, loop: StepInstance): 'running' | 'asking' | 'failed' | 'aborted' {
  const { inFlight, next, length, active, problem } = readLoop(draft, loop)!
  if (inFlight > 0) return 'running'
  if (isStopped(draft, loopAround(loop))) return problem ? 'failed' : 'aborted'
  return problem || (next === length && active.length === 0) ? 'asking' : 'running'
}
