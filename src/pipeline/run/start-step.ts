import { stepRef } from '../../house/actors.ts'
import type { ActorRef, Send } from '../../kernel/types.ts'
import type { StartPart } from '../../run/run.ts'
import { runContextOf } from '../../run/run-context.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import type { BatchMember, RunContext, StepPolicy, StepStart } from '../../step/messages/step-start.ts'
import { hasEnded, type LoopBounds, type StepPart, stepPartName } from '../../step/record/outcome.ts'
import type { StepToStart } from '../graph/draft.ts'
import type { CompiledPipeline, CompiledStep } from '../plan/compiled.ts'
import { compiledStepAt, filesParameterOf, loopWorkAt } from '../plan/compiled.ts'
import { instanceId, instanceOf, loopAround, loopPartName, type StepInstance } from '../plan/instance.ts'
import type { LoopContext, LoopView, PipelineOrder, PipelineStepStart } from '../plan/messages/step-order.ts'
import { PIPELINE_WORK } from '../plan/messages/step-order.ts'
import type { PartsByName } from '../plan/part-reader.ts'
import type { LoopProgress, RunState } from '../plan/run-state.ts'
import { INLINE_READ_LIMITS, inlineReads, loopsVisibleTo, partNameOfRead } from './start-reads.ts'

/** The message that starts a step, or a batch of them. `parts` holds the parts that `startReadSet` names. */
export function stepStartMessage(
  pipeline: CompiledPipeline,
  run: RunState,
  start: StepToStart,
  self: ActorRef,
  parts: PartsByName,
): Send {
  const first = stepStartOf(pipeline, run, start, self, parts)
  const members = start.members && membersOf(pipeline, first, start.members, parts)
  const body = members ? { ...first, batch: { ...first.batch, members } } : first
  return { to: stepRef(self.key, start.id), body, replyTo: self }
}

/** How the starts of the other members differ from the first. The reads of a batch together fit into one message. */
function membersOf(
  pipeline: CompiledPipeline,
  first: PipelineStepStart,
  others: readonly string[],
  parts: PartsByName,
): readonly BatchMember[] {
  const one = instanceOf(pipeline, first.step)
  const { reads } = first.work.order
  let room: number | undefined
  return others.map((id) => {
    const instance = instanceOf(pipeline, id)
    if (readsSameParts(pipeline, one, instance)) return memberOf(pipeline, instance, reads, first)
    const found = inlineReads(pipeline, instance, { id }, parts)
    room ??= INLINE_READ_LIMITS.size - JSON.stringify(reads).length
    const size = JSON.stringify(found).length
    const own = size > room ? 'parts' : found
    if (own === found) room -= size
    return { ...memberOf(pipeline, instance, own, first), order: { reads: own } }
  })
}

/** Whether two steps read the same names from the same parts. */
function readsSameParts(pipeline: CompiledPipeline, one: StepInstance, other: StepInstance): boolean {
  const { reads } = compiledStepAt(pipeline, one.node).edges
  const others = compiledStepAt(pipeline, other.node).edges.reads
  const isSame = (read: string, n: number) =>
    read === others[n] && partNameOfRead(one, read) === partNameOfRead(other, read)
  return reads.length === others.length && reads.every(isSame)
}

function memberOf(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  reads: PipelineOrder['reads'],
  { run, policy: { timeLeft } }: PipelineStepStart,
): BatchMember {
  const policy = policyOf(compiledStepAt(pipeline, instance.node), reads, run)
  return { step: instanceId(instance), policy: timeLeft === undefined ? policy : { ...policy, timeLeft } }
}

function policyOf(step: CompiledStep, reads: PipelineOrder['reads'], { recorded }: RunContext): StepPolicy {
  const { attempts, retryReported } = step.policy
  return {
    attempts,
    effect: effectClassOf(step, reads, recorded !== undefined),
    ...(retryReported && { retryReported: true }),
  }
}

/** A start message with references to everything the step reads. */
function stepStartOf(
  pipeline: CompiledPipeline,
  run: RunState,
  start: StepToStart,
  self: ActorRef,
  parts: PartsByName,
): PipelineStepStart {
  const instance = instanceOf(pipeline, start.id)
  const step = compiledStepAt(pipeline, instance.node)
  const origin = parts.start as StartPart
  const { work, policy } = step
  const context = runContextOf(run, origin, self, {
    priority: policy.priority ?? origin.priority ?? pipeline.priority,
    ...(pipeline.undoable && { undoable: true }),
    startsWork: work.type === 'ask' || work.type === 'chain',
  })
  const reads = inlineReads(pipeline, instance, start, parts)
  const loop = loopContext(instance, start, parts)
  const limit = timeLimit(pipeline, instance)
  const asks = (step.model?.autoTags || filesParameterOf(step.work) !== undefined) && hasTagsToResolve(step, start)
  return {
    type: 'start',
    work: {
      type: PIPELINE_WORK,
      order: { pipeline: run.pipeline, inputs: origin.inputs, reads, ...(loop && { loop }) },
    },
    run: context,
    step: start.id,
    policy: {
      ...policyOf(step, reads, context),
      ...(asks && { hasAutoTags: true }),
      ...(limit && { timeLeft: timeLeft(limit, parts) }),
    },
    batch: batchOf(start),
  }
}

const NO_BATCH: StepStart['batch'] = {}

function batchOf({ exclusive, deferred }: StepToStart): StepStart['batch'] {
  if (!deferred) return exclusive ? { exclusive } : NO_BATCH
  const { key, priorOutcome } = deferred
  return { ...(exclusive && { exclusive }), deferred: { key, ...(priorOutcome && { priorOutcome }) } }
}

/** Whether the step must resolve AUTO tags. After a loop has started, only the tags of its conditions are resolved. */
function hasTagsToResolve({ work }: CompiledStep, { iteration }: StepToStart): boolean {
  return iteration === undefined || (work.type === 'loop' && work.kind === 'while')
}

/**
 * A pure step that reads the run's parts needs them to be durable first, so it is not pure; reads for collecting a loop
 * are the exception. A run that reuses an earlier one reads parts to compare what a step depends on.
 */
function effectClassOf(
  { policy: { effect }, model }: CompiledStep,
  reads: PipelineOrder['reads'],
  takesOver: boolean,
): StepPolicy['effect'] {
  return effect === 'pure' && (reads === 'parts' || model?.autoTags || takesOver) ? 'idempotent' : effect
}

function loopContext(instance: StepInstance, start: StepToStart, parts: PartsByName): LoopContext | undefined {
  const loops = loopsVisibleTo(instance, start)
  if (loops.length === 0) return undefined
  const views = Object.fromEntries(loops.map((loop) => [loop.node, viewOf(loop, parts)]))
  const { iteration, problem } = start
  return { views, ...(iteration !== undefined && { iteration }), ...(problem && { problem }) }
}

function viewOf(loop: StepInstance, parts: PartsByName): LoopView {
  const { length, ms } = loopStateOf(loop, parts)
  return { ...boundsOf(decodeStep(parts[stepPartName(instanceId(loop))])), length, ms }
}

/** An ended loop has its list only. */
function boundsOf(part: StepPart | undefined): LoopBounds {
  if (part?.status === 'running') return part.loop ?? NO_BOUNDS
  return hasEnded(part) && part.status !== 'skipped' && part.list ? { list: part.list } : NO_BOUNDS
}

const NO_BOUNDS: LoopBounds = {}

const loopStateOf = (loop: StepInstance, parts: PartsByName) => parts[loopPartName(instanceId(loop))] as LoopProgress

/** The loop whose iterations have a time limit around a step, and the limit in ms. */
function timeLimit(pipeline: CompiledPipeline, instance: StepInstance) {
  const loop = loopAround(instance)
  const limit = loop && loopWorkAt(pipeline, loop.node).limit
  return limit === undefined ? undefined : { loop: loop!, limit }
}

/** The rest of the time limit that the steps of an iteration share. */
function timeLeft({ loop, limit }: NonNullable<ReturnType<typeof timeLimit>>, parts: PartsByName): number {
  const { ms, before } = loopStateOf(loop, parts)
  return Math.max(1, limit - (ms - before))
}
