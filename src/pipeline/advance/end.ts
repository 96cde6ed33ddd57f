import type { Problem } from '../../errors.ts'
import { OUTPUTS, stepOf } from '../compiled.ts'
import { type Instance, parseInstance } from '../instance.ts'
import type { SegmentEnd, StepEnd } from '../messages.ts'
import type { StepProblem } from '../state.ts'
import { announce, type Draft, instanceOf, readStep, updateRun, writeStep } from './draft.ts'
import { countIteration, endIteration, isStopped, landBody, loopOutcome, openLoop } from './loops.ts'
import { release } from './release.ts'
import { endOutputs } from './settle.ts'
import { refill } from './window.ts'

/** Takes the end of a step; one that is not running has ended already, and is left alone. */
export function endStep(draft: Draft, event: StepEnd): void {
  if (!isInFlight(draft, event.step)) return
  const instance = instanceOf(draft, event.step)
  if (instance.node === OUTPUTS) endOutputs(draft, event)
  else if (event.loop) expandLoop(draft, instance, event.loop)
  else record(draft, instance, event)
}

/** Takes how the steps of one turn ended: each hands its place on to the next, and only the last gives it up. */
export function endSegment(draft: Draft, { ends }: SegmentEnd): void {
  if (!isInFlight(draft, ends[0].step)) return
  const last = ends.at(-1)!
  const instance = instanceOf(draft, last.step)
  for (const [n, { step }] of ends.slice(1).entries()) {
    keepEnd(draft, ends[n]!)
    announce(draft, step)
  }
  handOn(draft, ends[0].step, instance, ends.length - 1)
  record(draft, instance, last)
}

function handOn(draft: Draft, from: string, { node, index }: Instance, count: number): void {
  const { flying, left, done } = draft.run
  updateRun(draft, { done: done + count })
  const { loop } = stepOf(draft.pipeline, node)
  if (loop !== undefined) countIteration(draft, loop, index!, count)
  else updateRun(draft, { flying: flying.map((id) => (id === from ? node : id)), left: left - count })
}

/** Steps of the graph are listed in the cell, those of loops are only counted there. */
function isInFlight(draft: Draft, id: string): boolean {
  if (parseInstance(draft.pipeline, id)?.index === undefined) return draft.run.flying.includes(id)
  return readStep(draft, id)?.status === 'running'
}

function expandLoop(draft: Draft, { node }: Instance, { list, length }: NonNullable<StepEnd['loop']>): void {
  if (draft.run.problem) record(draft, { node }, aborted(node))
  else openLoop(draft, node, list, length)
  if (draft.run.loops[node]) followLoop(draft, node)
}

/** Keeps how a step ended, says so, and lets go on what waited for it. */
function record(draft: Draft, instance: Instance, end: StepEnd): void {
  const problem = countEnd(draft, instance, end)
  const { loop } = stepOf(draft.pipeline, instance.node)
  if (loop === undefined) landStep(draft, instance, problem)
  else landBodyStep(draft, loop, instance, problem)
}

function countEnd(draft: Draft, instance: Instance, end: StepEnd): StepProblem | undefined {
  const { step, status, problem } = end
  keepEnd(draft, end)
  const { done, failed, skipped } = draft.run
  if (status === 'completed') updateRun(draft, { done: done + 1 })
  else if (status === 'failed') updateRun(draft, { failed: failed + 1 })
  else updateRun(draft, { skipped: skipped + 1 })
  const isFatal = status === 'failed' && stepOf(draft.pipeline, instance.node).onFailure === 'fail'
  return isFatal ? { ...(problem ?? UNTOLD), step } : undefined
}

function keepEnd(draft: Draft, end: StepEnd): void {
  const { type, step, loop: _, ...part } = end
  const { status, attempts, ms, key, problem } = part
  writeStep(draft, step, part)
  draft.events.push({ type, step, status, attempts, ms, ...(key && { key }), ...(problem && { problem }) })
}

const UNTOLD: Problem = { code: 'internal', name: 'TerminalError', message: 'the step failed and did not say why' }

function landStep(draft: Draft, { node }: Instance, problem: StepProblem | undefined): void {
  const { flying, left, loops } = draft.run
  const { [node]: loop, ...others } = loops
  updateRun(draft, { flying: flying.filter((id) => id !== node), left: left - 1, loops: others })
  if (problem) updateRun(draft, { problem: draft.run.problem ?? loop?.problem ?? problem })
  if (draft.run.problem) return
  refill(draft)
  release(draft, { node }, 0)
}

function landBodyStep(draft: Draft, loop: string, instance: Instance, problem: StepProblem | undefined): void {
  landBody(draft, loop, problem)
  if (!isStopped(draft, loop)) {
    release(draft, instance, 0)
    endIteration(draft, loop, instance.index!)
  }
  followLoop(draft, loop)
}

function followLoop(draft: Draft, loop: string): void {
  switch (loopOutcome(draft, loop)) {
    case 'running':
      break
    case 'ended':
      draft.start.push({ id: loop, collect: true })
      break
    case 'failed':
      record(draft, { node: loop }, failedLoop(loop, draft.run.loops[loop]!.problem!))
      break
    case 'aborted':
      record(draft, { node: loop }, aborted(loop))
      break
  }
}

function failedLoop(step: string, { step: _, ...problem }: StepProblem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

function aborted(step: string): StepEnd {
  return { type: 'step-end', step, status: 'skipped', attempts: 0, ms: 0, reason: 'aborted' }
}
