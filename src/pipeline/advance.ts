import type { Json } from '../kernel/schema.ts'
import {
  type Again,
  createDraft,
  type Draft,
  instanceOf,
  launch,
  type Parts,
  readStep,
  type Start,
  updateRun,
  writeStep,
} from './advance/draft.ts'
import { endIteration, fillLoop, isStopped, landBody, launchBody, loopOutcome, openLoop } from './advance/loops.ts'
import { admit, refill } from './advance/window.ts'
import { type CompiledPipeline, OUTPUTS, stepOf } from './compiled.ts'
import { type Instance, instanceId, parseInstance, partName, sibling } from './instance.ts'
import type { StepEnd } from './messages.ts'
import { isOver, type RunState, type StepPart, type StepProblem } from './state.ts'

export type RunEvent = { readonly type: 'begin' } | Again | StepEnd

/** What one event changes: the run, the named parts, which steps start, what the run tells itself, what a client is told. */
export type Advance = {
  readonly run: RunState
  readonly parts: { readonly [name: string]: Json | null }
  readonly start: readonly Start[]
  readonly again: readonly Again[]
  readonly events: readonly Json[]
}

/** How many dependents one turn touches. */
export const FAN = 256

/** Takes one event into a run. Pure; `parts` holds what `partsFor` names. Touches one step and at most 256 dependents. */
export function advance(pipeline: CompiledPipeline, run: RunState, parts: Parts, event: RunEvent): Advance {
  const draft = createDraft(pipeline, run, parts)
  if (!isOver(run)) take(draft, event)
  return { run: draft.run, parts: draft.changed, start: draft.start, again: draft.again, events: draft.events }
}

/** The parts `advance` may read for an event. */
export function partsFor(pipeline: CompiledPipeline, run: RunState, event: RunEvent): readonly string[] {
  const head = `queue/${run.queue.head}`
  if (event.type === 'begin') return []
  if (event.type === 'fill') return []
  if (event.type === 'fan-out') return dependentParts(pipeline, event.of, event.from)
  const loop = closingLoop(pipeline, run, event)
  return [partName(event.step), head, ...dependentParts(pipeline, event.step, 0), ...dependentParts(pipeline, loop, 0)]
}

function dependentParts(pipeline: CompiledPipeline, of: string | null, from: number): string[] {
  const instance = of === null ? undefined : parseInstance(pipeline, of)
  if (!instance) return []
  const nodes = stepOf(pipeline, instance.node).dependents.slice(from, from + FAN)
  return nodes.map((node) => partName(instanceId(sibling(pipeline, instance, node))))
}

/** The loop that may end with this step because something in it failed. */
function closingLoop(pipeline: CompiledPipeline, run: RunState, event: StepEnd): string | null {
  const instance = parseInstance(pipeline, event.step)
  const loop = instance && stepOf(pipeline, instance.node).loop
  return loop !== undefined && (event.status === 'failed' || run.loops[loop]?.problem) ? loop : null
}

function take(draft: Draft, event: RunEvent): void {
  switch (event.type) {
    case 'begin':
      begin(draft)
      break
    case 'fan-out':
      release(draft, event.of === null ? null : instanceOf(draft, event.of), event.from)
      break
    case 'fill':
      if (draft.run.loops[event.loop] && !isStopped(draft, event.loop)) fillLoop(draft, event.loop)
      break
    case 'step-end':
      endStep(draft, event)
      break
  }
  settle(draft)
}

function begin(draft: Draft): void {
  const { size, name } = draft.pipeline
  updateRun(draft, { status: 'running', total: size, left: size })
  draft.events.push({ type: 'run-start', name, steps: size })
  release(draft, null, 0)
}

// a step ends

function endStep(draft: Draft, event: StepEnd): void {
  if (readStep(draft, event.step)?.status !== 'running') return
  const instance = instanceOf(draft, event.step)
  if (instance.node === OUTPUTS) endOutputs(draft, event)
  else if (event.loop) expandLoop(draft, instance, event.loop)
  else record(draft, instance, event)
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
  const { step, status, attempts, ms, key, problem } = end
  const { type: _, step: __, loop: ___, ...part } = end
  writeStep(draft, step, part)
  const { done, failed, skipped } = draft.run
  if (status === 'completed') updateRun(draft, { done: done + 1 })
  else if (status === 'failed') updateRun(draft, { failed: failed + 1 })
  else updateRun(draft, { skipped: skipped + 1 })
  draft.events.push({ type: 'step-end', step, status, attempts, ms, ...(key && { key }), ...(problem && { problem }) })
  const isFatal = status === 'failed' && stepOf(draft.pipeline, instance.node).onFailure === 'fail'
  return isFatal && problem ? { ...problem, step } : undefined
}

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

// what waited goes on

/** Tells the dependents of a step, or the roots of the graph, that it is done; past 256 by a message to oneself. */
function release(draft: Draft, of: Instance | null, from: number): void {
  const nodes = of ? stepOf(draft.pipeline, of.node).dependents : draft.pipeline.roots
  const loop = of ? stepOf(draft.pipeline, of.node).loop : undefined
  if (isStopped(draft, loop ?? '')) return
  const ready = nodes
    .slice(from, from + FAN)
    .map((node) => (of ? sibling(draft.pipeline, of, node) : { node }))
    .filter((instance) => becomesReady(draft, instance))
  if (nodes.length > from + FAN) draft.again.push({ type: 'fan-out', of: of && instanceId(of), from: from + FAN })
  if (loop === undefined) admit(draft, ready.map(instanceId))
  else for (const instance of ready) launchBody(draft, loop, instance)
}

function becomesReady(draft: Draft, instance: Instance): boolean {
  const { needs } = stepOf(draft.pipeline, instance.node)
  if (needs.length < 2) return true
  const id = instanceId(instance)
  const part: StepPart = readStep(draft, id) ?? { status: 'waiting', missing: needs.length }
  const missing = part.missing! - 1
  if (missing > 0) writeStep(draft, id, { status: 'waiting', missing })
  return missing === 0
}

// the run ends

function settle(draft: Draft): void {
  const { run, pipeline } = draft
  if (isOver(run) || run.flying.length > 0) return
  if (run.problem) endRun(draft, 'failed')
  else if (run.left === 0) pipeline.steps[OUTPUTS] ? startOutputs(draft) : endRun(draft, 'completed')
}

function startOutputs(draft: Draft): void {
  updateRun(draft, { flying: [OUTPUTS] })
  launch(draft, { node: OUTPUTS })
}

function endOutputs(draft: Draft, end: StepEnd): void {
  const { type: _, step, loop: __, ...part } = end
  writeStep(draft, step, part)
  updateRun(draft, { flying: [], ...(end.problem && { problem: { ...end.problem, step } }) })
  endRun(draft, end.problem ? 'failed' : 'completed')
}

function endRun(draft: Draft, status: 'completed' | 'failed'): void {
  const { total, done, failed, problem } = draft.run
  const skipped = total - done - failed
  const { result: outputs, warnings } = (draft.changed[partName(OUTPUTS)] ?? {}) as Partial<StepPart>
  updateRun(draft, { status, skipped })
  const ending = {
    type: 'run-end',
    status,
    ...(problem && { problem }),
    ...(outputs && { outputs }),
    ...(warnings && { warnings }),
  }
  draft.events.push({ ...ending, done, failed, skipped } as Json)
}
