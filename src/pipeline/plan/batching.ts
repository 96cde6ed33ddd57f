import type { EffectClass } from '../../kernel/types.ts'
import type { StepEnd } from '../../step/messages/step-end.ts'
import type { StepPolicy } from '../../step/messages/step-start.ts'
import { type StepRead, toStepRead } from '../../step/record/outcome.ts'
import { type CompiledPipeline, type CompiledStep, compiledStepAt, filesParameterOf } from './compiled.ts'
import { instanceOf, instanceOfNode, type StepInstance, stepOf } from './instance.ts'
import type { PipelineStepStart } from './messages/step-order.ts'

/**
 * Which of the steps that start share a turn. `fast`: steps that start together, and fast steps in a row. `oneByOne`:
 * none, which tests compare with, and which shows what batches are worth. Both give the same results.
 */
export type BatchPolicy = 'fast' | 'oneByOne'

/** One turn runs at most this many steps in sequence. */
const MAX_SEQUENCE = 16

/** A step and the steps that may follow it in the same turn, in order. */
export function sequenceFrom(pipeline: CompiledPipeline, first: StepInstance): readonly StepInstance[] {
  const sequence: StepInstance[] = []
  for (let at: StepInstance | undefined = first; at && sequence.length < MAX_SEQUENCE; at = followerOf(pipeline, at))
    sequence.push(at)
  return sequence
}

/**
 * The next step waits only for this one, no other step waits for this one, and both
 * have the same default number of attempts. Ends that do not reach their run count as a
 * failure of the first step: where that is passed over, the others would be done again.
 */
function followerOf(pipeline: CompiledPipeline, instance: StepInstance): StepInstance | undefined {
  const step = compiledStepAt(pipeline, instance.node)
  const { 0: node, length } = step.edges.dependents
  if (node === undefined || length > 1 || step.recovery?.onFailure === 'continue' || step.routing?.routes)
    return undefined
  const next = compiledStepAt(pipeline, node)
  const { policy, routing } = next
  const follows =
    // its outcome may be unknown, and only the first step of a turn can wait for a person
    policy.effect !== 'at-most-once' &&
    !routing?.skippable &&
    !routing?.onDemand &&
    next.edges.needs.length === 1 &&
    !step.policy.retryReported &&
    !policy.retryReported &&
    policy.attempts === step.policy.attempts
  return follows &&
    canShareTurn(step) &&
    canShareTurn(next) &&
    !next.model?.autoTags &&
    filesParameterOf(next.work) === undefined
    ? instanceOfNode(instance, node)
    : undefined
}

/** Loops, callbacks, model calls and recovered steps need their own turns; outputs wait for the whole run. */
function canShareTurn({ work, recovery }: CompiledStep): boolean {
  return !recovery?.recoveries && (work.type === 'tool' || work.type === 'text' || work.type === 'decide')
}

/** The step that a turn may continue with after `done` earlier ones; none if it reads parts that the turn lacks. */
export function nextInSequence(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  { work, batch }: PipelineStepStart,
  done: number,
): StepInstance | undefined {
  if (!batch.exclusive || work.order.reads === 'parts' || done + 1 >= MAX_SEQUENCE) return undefined
  return followerOf(pipeline, instance)
}

/** The start message of the next step in the same turn. `reads` belongs to that turn and receives the outcome. */
export function startOfNext(
  pipeline: CompiledPipeline,
  start: PipelineStepStart,
  end: StepEnd,
  step: string,
  reads: { [node: string]: StepRead },
): PipelineStepStart {
  const { node } = instanceOf(pipeline, start.step)
  const { effect } = stepOf(pipeline, step).policy
  reads[node] = toStepRead(end)
  // answers and a wait belong to the first step only
  const { waited: _, work, ...rest } = start
  const { answers: __, ...order } = work.order
  const policy = policyOfNext(start.policy, effect, end.ms)
  return { ...rest, step, policy, work: { ...work, order: { ...order, reads } } }
}

function policyOfNext(policy: StepPolicy, effect: EffectClass, took: number): StepPolicy {
  const { hasAutoTags: _, timeLeft, ...rest } = policy
  return { ...rest, effect, ...(timeLeft !== undefined && { timeLeft: Math.max(1, timeLeft - took) }) }
}
