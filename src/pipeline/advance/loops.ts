import { loopOf } from '../compiled.ts'
import type { Instance } from '../instance.ts'
import type { LoopState, StepProblem } from '../state.ts'
import type { Ref } from '../values.ts'
import { type Draft, launch, updateLoop, updateRun, writeStep } from './draft.ts'

/** How many steps one turn of a loop starts at most; the rest follows by a message of the run to itself. */
export const STARTS = 128
/** How many iterations all loops of a run have in flight at most, so that the run's cell stays small. */
export const CEILING = 1000

/** A loop whose list is known: says how much there is to do and starts the first iterations. */
export function openLoop(draft: Draft, id: string, list: Ref, length: number): void {
  const steps = length * loopOf(draft.pipeline, id).body.length
  writeStep(draft, id, { status: 'running', list })
  const state: LoopState = { length, next: 0, active: {}, flying: 0 }
  updateRun(draft, { total: draft.run.total + steps, loops: { ...draft.run.loops, [id]: state } })
  draft.events.push({ type: 'loop-start', step: id, iterations: length, steps })
  fillLoop(draft, id)
}

/** Starts iterations up to what may be in flight; more than a turn may start follow by a message. */
export function fillLoop(draft: Draft, id: string): void {
  const { roots } = loopOf(draft.pipeline, id)
  const room = roomOf(draft, id)
  const chunk = Math.max(1, Math.floor(STARTS / roots.length))
  startIterations(draft, id, Math.min(room, chunk))
  const { next, length } = draft.run.loops[id]!
  if (room > chunk && next < length) draft.again.push({ type: 'fill', loop: id })
}

/** How many more iterations may be in flight: as many as the loop may have, as long as all loops of the run stay below the ceiling; one always. */
function roomOf({ pipeline, run }: Draft, id: string): number {
  const own = activeIn(run.loops[id]!)
  const all = Object.values(run.loops).reduce((sum, loop) => sum + activeIn(loop), 0)
  return Math.max(own === 0 ? 1 : 0, Math.min(loopOf(pipeline, id).maxParallel - own, CEILING - all))
}

function activeIn({ active }: LoopState): number {
  return Object.keys(active).length
}

function startIterations(draft: Draft, id: string, count: number): void {
  const { body, roots } = loopOf(draft.pipeline, id)
  const { next, length, active } = draft.run.loops[id]!
  const indexes = Array.from({ length: Math.max(0, Math.min(count, length - next)) }, (_, offset) => next + offset)
  const started = Object.fromEntries(indexes.map((index) => [index, body.length]))
  updateLoop(draft, id, { next: next + indexes.length, active: { ...active, ...started } })
  for (const index of indexes) for (const node of roots) launchBody(draft, id, { node, index })
}

/** Starts a step of a loop's body. */
export function launchBody(draft: Draft, id: string, instance: Instance): void {
  launch(draft, instance)
  updateLoop(draft, id, { flying: draft.run.loops[id]!.flying + 1 })
}

/** A step of the body has ended for good or ill. */
export function landBody(draft: Draft, id: string, problem: StepProblem | undefined): void {
  const { flying } = draft.run.loops[id]!
  updateLoop(draft, id, { flying: flying - 1, ...(problem && { problem }) })
}

/** Counts so many steps off their iteration, which has more. */
export function countIteration(draft: Draft, id: string, index: number, count: number): void {
  const { active } = draft.run.loops[id]!
  updateLoop(draft, id, { active: { ...active, [index]: active[index]! - count } })
}

/** Counts a step off its iteration; after the last one the next iteration takes its place, and one more where there is room. */
export function endIteration(draft: Draft, id: string, index: number): void {
  const { active } = draft.run.loops[id]!
  const { [index]: left = 1, ...others } = active
  updateLoop(draft, id, { active: left > 1 ? { ...others, [index]: left - 1 } : others })
  if (left === 1) startIterations(draft, id, Math.min(2, roomOf(draft, id)))
}

/** Whether nothing more is to start, of the run or of that loop. */
export function isStopped({ run }: Draft, id?: string): boolean {
  return run.problem !== undefined || (id !== undefined && run.loops[id]?.problem !== undefined)
}

/** What is left to do for a loop: nothing yet, gather its results, or end it because something failed. */
export function loopOutcome(draft: Draft, id: string): 'running' | 'ended' | 'failed' | 'aborted' {
  const { flying, next, length, active, problem } = draft.run.loops[id]!
  if (flying > 0) return 'running'
  if (problem) return 'failed'
  if (draft.run.problem) return 'aborted'
  return next === length && Object.keys(active).length === 0 ? 'ended' : 'running'
}
