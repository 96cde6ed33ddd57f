import { isBusy, problemOf } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/interrupt.ts'
import { isWithinSize, KERNEL_LIMITS } from '../../../kernel/limits.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Effect, EffectCall, Effects, Turn } from '../../../kernel/types.ts'
import { encodeEnd } from '../../plan/codec.ts'
import { compiledStepAt } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type {
  CompactOutcome,
  DeferredStep,
  EncodedStepEnd,
  GroupEnd,
  StepOutcome,
} from '../../plan/messages/step-end.ts'
import type { PriorOutcome, StepStart } from '../../plan/messages/step-start.ts'
import { pipelineOpener } from '../recovery/recover.ts'
import type { StepState } from '../step-state.ts'
import { recordLatency, toStepEnd } from './journal.ts'
import type { StepServices } from './latency.ts'
import { type BatchStep, effectNameOf, performAttempt } from './sequence.ts'

/**
 * Runs the fast steps of a batch in parallel and reports their results in one message. A step that is not known to be fast, or that should be
 * retried, is returned as deferred: the run starts it again under the same idempotency key.
 */
export async function runParallel(
  stepServices: StepServices,
  first: StepStart,
  effects: Effects,
): Promise<Turn<StepState>> {
  const starts = memberStarts(first)
  const outcomes = (await effects.runAll(
    memberEffects(stepServices, starts, effects),
  )) as unknown as readonly MemberOutcome[]
  const ends: EncodedStepEnd[] = []
  const apart: DeferredStep[] = []
  for (const [n, start] of starts.entries()) {
    const outcome = outcomes[n]!
    const key = `${effects.message.id}/${effectNameOf(start)}`
    if (isShort(outcome)) ends.push([start.step, ...outcome, key])
    else if ('status' in outcome) ends.push(toStepEnd(start, outcome, key))
    else apart.push({ step: start.step, key, ...(outcome.type !== 'apart' && { came: outcome }) })
  }
  const [reply, ...others] = endMessages({ type: 'group-end', of: first.step, ends, apart })
  const to = effects.message.replyTo!
  return { reply, send: others.map((body) => ({ to, body, type: 'response' })), stop: true }
}

/** The journal entry of one member: its end, that it was not begun, or that it is worth another attempt. */
type MemberOutcome = StepOutcome | CompactOutcome | { readonly type: 'apart' } | PriorOutcome

function memberStarts({ beside = [], ...first }: StepStart): readonly StepStart[] {
  const { insists: _, ...same } = first
  return [first, ...beside.map((other) => ({ ...same, ...other }))]
}

function memberEffects(stepServices: StepServices, starts: readonly StepStart[], effects: Effects): readonly Effect[] {
  const open = pipelineOpener(stepServices.services, starts[0]!)
  return starts.map((start) => ({
    name: effectNameOf(start),
    effect: start.effect,
    act: (call) => runMember({ ...stepServices, open, start, done: 0 }, call, effects) as Promise<Json>,
  }))
}

async function runMember(
  batchStep: Omit<BatchStep, 'whose'>,
  call: EffectCall,
  effects: Effects,
): Promise<MemberOutcome> {
  const { latency, open, start } = batchStep
  try {
    const opened = open()
    const pipeline = opened instanceof Promise ? await opened : opened
    const { work } = compiledStepAt(pipeline, parseInstance(pipeline, start.step)!.node)
    // whom a budget lends to makes one call at a time
    if (!latency.isFast(work) || work.type === 'text') return DEFERRED
    const outcome = await performAttempt(batchStep, call, effects, [])
    // none that asks is ever in a group
    if ('type' in outcome) return outcome as PriorOutcome
    recordLatency(latency, work, outcome)
    return encodeEnd(outcome) ?? outcome
  } catch (error) {
    if (isInterruption(error) || call.signal.aborted) throw error
    const problem = problemOf(error)
    // what is full was not begun
    return isBusy(problem) ? DEFERRED : { type: 'thrown', problem }
  }
}

const isShort = (outcome: MemberOutcome): outcome is CompactOutcome => Array.isArray(outcome)

const DEFERRED = { type: 'apart' } as const

/** The ends of a batch in one message, or in one per member when that is too long. */
function endMessages(told: GroupEnd): readonly [Json, ...Json[]] {
  if (isWithinSize(told, KERNEL_LIMITS.body)) return [told as unknown as Json]
  const { type, of } = told
  const each: readonly GroupEnd[] = [
    ...told.ends.map((end) => ({ type, of, ends: [end], apart: [] })),
    ...told.apart.map((one) => ({ type, of, ends: [], apart: [one] })),
  ]
  return each as unknown as [Json, ...Json[]]
}
