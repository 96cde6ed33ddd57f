import type { SentMark } from '../../../kernel/faults.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import { PendingDecision, type RecoveryProgress } from '../../../step/attempt/pending-decision.ts'
import type { DescribedCall, StepAttempt } from '../../../step/attempt/work.ts'
import type { StepOutcome } from '../../../step/record/outcome.ts'
import { askWhetherDone } from '../../../step/suspend/unknown-outcome.ts'
import type { PipelineAttempt } from '../attempt.ts'
import type { RecoveryServices } from './recover.ts'

/** A call that a recovery makes: that of a handler (round 0), or the step's own call again. */
type RecoveryCall = RecoveryServices & {
  readonly round: number
  /** the effect that makes it */
  readonly effect: string
  /** what is known of the call of a handler; absent: it is that of the step */
  describe?(attempt: StepAttempt): Promise<DescribedCall>
  readonly progress: RecoveryProgress
  readonly sent: SentMark
}

/**
 * The outcome of a call of a recovery. If nobody knows whether it took place, the error names its tool.
 * @throws PendingDecision when a person has to find that out
 */
export async function unlessDoubtful<Outcome extends StepOutcome>(
  { describe, effect, round, progress, sent, ...recovery }: RecoveryCall,
  outcome: Outcome,
  effects: Effects,
): Promise<Outcome> {
  if (outcome.status !== 'failed' || outcome.problem.code !== 'unknown') return outcome
  const key = keyOf(progress, round) ?? `${effects.message.id}/${effect}`
  const { problem: doubt, attempts } = outcome
  const asks = `${effect}:ask-whether-done`
  const call = { problem: doubt, key, attempts, sentAt: sent.at, effect, asks }
  const { question, problem } = await askWhetherDone(recovery, describe ? { ...call, describe } : call, effects)
  if (question) throw new PendingDecision(question, { ...progress, call: { round, key } })
  return { ...outcome, problem }
}

/** The call, under the key of its first attempt if a person said that it did not take place. */
export function underItsKey(call: EffectCall, progress: RecoveryProgress, round: number): PipelineAttempt['call'] {
  const key = keyOf(progress, round)
  return key === undefined ? call : { ...call, idempotencyKey: key, place: call.idempotencyKey, notDone: true }
}

/** The outcome that a person settled; undefined: the call is made. */
export function settledOutcome({ call }: RecoveryProgress, round: number): StepOutcome | undefined {
  return call?.round === round ? call.settled : undefined
}

const keyOf = ({ call }: RecoveryProgress, round: number) => (call?.round === round ? call.key : undefined)
