import { isBusy, problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import { isWithinSize, KERNEL_LIMITS } from '../../kernel/limits.ts'
import type { Effect, EffectCall, Effects, Turn } from '../../kernel/types.ts'
import { isCodeMissing } from '../../work/code-wait.ts'
import { mayAsk } from '../approval/may-ask.ts'
import { MOVED } from '../attempt/moved-calls.ts'
import type { StepState } from '../attempt/step-state.ts'
import { recordTime, type StepTurns } from '../attempt/turns.ts'
import { decodeJournaledEnd, encodeEnds, encodeJournaledEnd } from '../messages/codec.ts'
import type { DeferredStep, ParallelEnd, StepEnd } from '../messages/step-end.ts'
import { type StepStart, withOrder } from '../messages/step-start.ts'
import type { PriorOutcome } from '../record/outcome.ts'
import { isUnknown } from '../suspend/unknown-outcome.ts'
import type { BatchStep } from './attempt-step.ts'
import { effectNameOf } from './effect-names.ts'
import { recordLatency, toStepEnd } from './journal.ts'
import { performAttempt } from './perform-attempt.ts'

/**
 * Runs the fast steps of a batch in parallel and reports their results in one message. A step that is not known to be
 * fast, or that should be retried, is returned as deferred: the run starts it again under the same idempotency key.
 */
export async function runParallel(stepTurns: StepTurns, first: StepStart, effects: Effects): Promise<Turn<StepState>> {
  const { ends, deferred } = await runMembers(stepTurns, membersIn(first), effects)
  const [reply, ...others] = endMessages({ type: 'batch-end', mode: 'parallel', of: first.step, ends, deferred })
  const to = effects.message.replyTo!
  return { reply, send: others.map((body) => ({ to, body, type: 'response' })), stop: true }
}

/** Runs the fast ones of some steps in parallel, as effects of a turn. `bounds`: of a turn that others wait for. */
export async function runMembers(
  stepTurns: StepTurns,
  starts: readonly StepStart[],
  effects: Effects,
  bounds?: TurnBounds,
): Promise<Pick<ParallelEnd, 'ends' | 'deferred'>> {
  const entries = await effects.runAll(memberEffects(stepTurns, starts, effects, bounds))
  const ends: StepEnd[] = []
  const deferred: DeferredStep[] = []
  for (const [n, start] of starts.entries()) {
    const key = `${effects.message.id}/${effectNameOf(start)}`
    const unfinished = decodeUnfinished(entries[n]!)
    if (!unfinished) ends.push(toStepEnd(start, decodeJournaledEnd(entries[n]!).end, key) as StepEnd)
    else if (unfinished.type === 'deferred') deferred.push({ step: start.step, key })
    else deferred.push({ step: start.step, key, priorOutcome: unfinished })
  }
  return { ends, deferred }
}

/** No member begins after `isLate`. One that works for more than `patience` ms goes on in an actor of its own. */
export type TurnBounds = { readonly patience: number; isLate(): boolean }

/** A member that was not started, or that should be retried. */
type UnfinishedMember = { readonly type: 'deferred' } | PriorOutcome

/** Undefined: the journal entry is the end of the member. */
function decodeUnfinished(entry: Json): UnfinishedMember | undefined {
  return typeof entry === 'object' && entry !== null && 'type' in entry ? (entry as UnfinishedMember) : undefined
}

export function membersIn(first: StepStart): readonly StepStart[] {
  const { members = [], ...batch } = first.batch
  return [
    { ...first, batch },
    ...members.map(({ order = {}, ...member }) => withOrder({ ...first, batch, ...member }, order)),
  ]
}

function memberEffects(
  stepTurns: StepTurns,
  starts: readonly StepStart[],
  effects: Effects,
  bounds: TurnBounds | undefined,
): readonly Effect[] {
  const [first] = starts
  // a step whose work this process does not know waits in a turn of its own
  const work = stepTurns.works[first!.work.type]?.open(first!)
  return starts.map((start) => ({
    name: effectNameOf(start),
    effect: start.policy.effect,
    act: (call) =>
      work && !bounds?.isLate()
        ? runMember({ ...stepTurns, work, start, done: 0, failed: [] }, call, effects, bounds)
        : DEFERRED,
  }))
}

async function runMember(
  member: Omit<BatchStep, 'whose'>,
  call: EffectCall,
  effects: Effects,
  bounds: TurnBounds | undefined,
): Promise<Json> {
  const { latency, moved, work, start, services } = member
  const { elapsed = () => performance.now() } = services
  const began = elapsed()
  const attempt = (call: EffectCall) => performAttempt(member, call, effects, { spent: [] })
  try {
    const known = work.factsOf(start)
    const facts = known instanceof Promise ? await known : known
    // only a step in a turn of its own can wait until a person approves its call
    if (mayAsk(facts, start.run)) return DEFERRED
    // a payer with a budget makes one call at a time
    if (!latency.isFast(facts.kind) || facts.isPaid) return DEFERRED
    const outcome = await (bounds ? moved.within(call, bounds.patience, attempt) : attempt(call))
    if (outcome === MOVED) {
      recordTime(latency, facts, bounds!.patience)
      return DEFERRED
    }
    // no callback step is ever in a batch
    if ('type' in outcome) return outcome
    // a step that waits for a person does so in a turn of its own
    if (outcome.status === 'failed' && isUnknown(start, outcome.problem))
      return { type: 'thrown', problem: outcome.problem, ms: outcome.ms }
    recordLatency(latency, facts, outcome)
    return encodeJournaledEnd({ end: outcome })
  } catch (error) {
    if (isInterruption(error) || call.signal.aborted) throw error
    const problem = problemOf(error)
    // a step that a full pool refused, or whose code is not here, was not started
    return isBusy(problem) || isCodeMissing(problem)
      ? DEFERRED
      : { type: 'thrown', problem, ms: Math.round(elapsed() - began) }
  }
}

const DEFERRED = { type: 'deferred' } as const

/** The ends of a batch in one message, or in one per member when that is too long. */
function endMessages(end: ParallelEnd): readonly [Json, ...Json[]] {
  const { type, mode, of, ends, deferred } = end
  const whole = { type, mode, of, ends: encodeEnds(ends), deferred }
  if (isWithinSize(whole, KERNEL_LIMITS.body)) return [whole]
  const each: Json[] = [
    ...ends.map((end) => ({ type, mode, of, ends: encodeEnds([end]), deferred: [] })),
    ...deferred.map((one) => ({ type, mode, of, ends: [], deferred: [one] })),
  ]
  return each as [Json, ...Json[]]
}
