import { loopWorkAt } from '../plan/compiled.ts'
import { instanceId, loopAround, type StepInstance } from '../plan/instance.ts'
import { appendInterval, countNumbers, EMPTY_INTERVALS, includesNumber, removeNumber } from '../plan/interval-set.ts'
import type { LoopPlan } from '../plan/messages/step-end.ts'
import type { LoopProgress } from '../plan/run-state.ts'
import type { StepProblem } from '../plan/step-outcome.ts'
import { type Draft, launch, readLoop, updateLoop, updateRun, writeLoop, writeStep } from './draft.ts'

/** How many steps one turn of a loop starts at most; the rest follows by a message of the run to itself. */
export const STARTS = 128
/** How many iterations all loops of a run have in flight at most. */
export const CEILING = 1000

/** Opens a loop whose actor told how often it turns, or lets it turn on; says how much there is to do and starts iterations. */
export function turnLoop(draft: Draft, loop: StepInstance, { list, most, width, length }: LoopPlan): void {
  const known = readLoop(draft, loop)
  const before = known?.length ?? 0
  if (known && length <= before) return
  if (!known) writeStep(draft, instanceId(loop), { status: 'running', ...(list && { list }), ...(most && { most }) })
  writeLoop(draft, loop, { ...(known ?? { ...CLOSED, ...(width !== undefined && { width }) }), length })
  const steps = (length - before) * loopWorkAt(draft.pipeline, loop.node).body.length
  updateRun(draft, { total: draft.run.total + steps })
  const type = known ? 'loop-turn' : 'loop-start'
  draft.events.push({ type, step: instanceId(loop), iterations: length, steps })
  fillLoop(draft, loop)
}

const CLOSED: LoopProgress = { length: 0, next: 0, active: EMPTY_INTERVALS, left: {}, flying: 0, ms: 0, before: 0 }

/** Starts iterations up to what may be in flight; more than a turn may start follow by a message. */
export function fillLoop(draft: Draft, loop: StepInstance): void {
  const { roots } = loopWorkAt(draft.pipeline, loop.node)
  const room = roomOf(draft, loop)
  const chunk = Math.max(1, Math.floor(STARTS / roots.length))
  startIterations(draft, loop, Math.min(room, chunk))
  const { next, length } = readLoop(draft, loop)!
  if (room > chunk && next < length) draft.again.push({ type: 'fill', loop: instanceId(loop) })
}

/** How many more iterations may be in flight: as many as the loop may have, as long as all loops of the run stay below the ceiling; one always. */
function roomOf(draft: Draft, loop: StepInstance): number {
  const { active, width = 1 } = readLoop(draft, loop)!
  const own = countNumbers(active)
  const { maxParallel } = loopWorkAt(draft.pipeline, loop.node)
  const most = typeof maxParallel === 'number' ? maxParallel : width
  return Math.max(own === 0 ? 1 : 0, Math.min(most - own, CEILING - draft.run.iterations))
}

function startIterations(draft: Draft, loop: StepInstance, count: number): void {
  const { roots } = loopWorkAt(draft.pipeline, loop.node)
  const { next, length, active, flying, ms } = readLoop(draft, loop)!
  if (count <= 0 || next >= length) return
  const indexes = Array.from({ length: Math.min(count, length - next) }, (_, offset) => next + offset)
  const begun = { next: next + indexes.length, active: appendInterval(active, next, indexes.length), before: ms }
  updateLoop(draft, loop, { ...begun, flying: flying + indexes.length * roots.length })
  updateRun(draft, { iterations: draft.run.iterations + indexes.length })
  for (const index of indexes) for (const node of roots) launch(draft, { node, indices: [...loop.indices, index] })
}

/** Starts a step of a loop's body. */
export function launchBody(draft: Draft, loop: StepInstance, instance: StepInstance): void {
  launch(draft, instance)
  updateLoop(draft, loop, { flying: readLoop(draft, loop)!.flying + 1 })
}

/** A step of the body has ended for good or ill; with a `problem` nothing more of the loop starts, unless its iterations are apart. */
export function landBody(
  draft: Draft,
  loop: StepInstance,
  took: number,
  problem: StepProblem | undefined,
  failures: number,
): void {
  const { flying, ms, problem: first = problem, fatal = 0 } = readLoop(draft, loop)!
  const stops = first && !loopWorkAt(draft.pipeline, loop.node).isolated
  const failing = stops && { problem: first, ...(failures > 0 && { fatal: fatal + failures }) }
  updateLoop(draft, loop, { flying: flying - 1, ms: ms + took, ...failing })
}

/** Counts so many steps off their iteration, which has more. */
export function countIteration(draft: Draft, loop: StepInstance, index: number, count: number, took: number): void {
  const state = readLoop(draft, loop)!
  const { left, ms } = state
  updateLoop(draft, loop, { left: { ...left, [index]: leftOf(draft, loop, state, index) - count }, ms: ms + took })
}

/** Counts a step off its iteration, which the last one ends. */
export function endIteration(draft: Draft, loop: StepInstance, index: number): void {
  const state = readLoop(draft, loop)!
  const rest = leftOf(draft, loop, state, index) - 1
  if (rest > 0) updateLoop(draft, loop, { left: { ...state.left, [index]: rest } })
  else leaveIteration(draft, loop, index)
}

/** How many steps of an iteration have not ended; one that was left has none. */
function leftOf(draft: Draft, loop: StepInstance, { active, left }: LoopProgress, index: number): number {
  if (!includesNumber(active, index)) return 0
  return left[index] ?? loopWorkAt(draft.pipeline, loop.node).body.length
}

/** Nothing more is done in an iteration: the next takes its place, and one more where there is room. */
export function leaveIteration(draft: Draft, loop: StepInstance, index: number): void {
  const { active, left, next, length } = readLoop(draft, loop)!
  // a step that was under way when its iteration was left has ended
  if (!includesNumber(active, index)) return
  updateLoop(draft, loop, { active: removeNumber(active, index), ...(index in left && { left: without(left, index) }) })
  updateRun(draft, { iterations: draft.run.iterations - 1 })
  if (next < length) startIterations(draft, loop, Math.min(2, roomOf(draft, loop)))
}

function without(left: LoopProgress['left'], index: number): LoopProgress['left'] {
  const { [index]: _, ...others } = left
  return others
}

/** Forgets how far a loop was that has ended; one that never opened has nothing to forget. */
export function closeLoop(draft: Draft, loop: StepInstance): void {
  const state = readLoop(draft, loop)
  if (!state) return
  updateRun(draft, { iterations: draft.run.iterations - countNumbers(state.active) })
  writeLoop(draft, loop, null)
}

/** Whether nothing more is to start: of the run, of that loop or of one around it. */
export function isStopped(draft: Draft, loop: StepInstance | undefined): boolean {
  if (draft.run.problem) return true
  for (let around = loop; around; around = loopAround(around)) if (readLoop(draft, around)?.problem) return true
  return false
}

/** What is left to do for a loop: nothing yet, to ask its actor what now, or to end it because something around it failed. */
export function loopOutcome(draft: Draft, loop: StepInstance): 'running' | 'asking' | 'failed' | 'aborted' {
  const { flying, next, length, active, problem } = readLoop(draft, loop)!
  if (flying > 0) return 'running'
  if (isStopped(draft, loopAround(loop))) return problem ? 'failed' : 'aborted'
  return problem || (next === length && active.length === 0) ? 'asking' : 'running'
}
