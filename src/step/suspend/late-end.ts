import type { Effects, Turn } from '../../kernel/types.ts'
import type { AwaitingCallback, StepState } from '../attempt/step-state.ts'
import type { StepTurns } from '../attempt/turns.ts'
import type { LateEnd } from '../call/once-only.ts'
import { OWN_CALL } from '../messages/call-decision.ts'
import { readRef } from '../values.ts'
import { resume } from './await-callback.ts'
import { UNKNOWN_OUTCOME } from './unknown-outcome.ts'

/** A step that asks whether a call took place ends with the end of the call itself. */
export async function takeLateEnd(
  turns: StepTurns,
  waiting: AwaitingCallback,
  end: LateEnd,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { asking, recovery } = waiting
  // the step of a run that was cancelled asks under another key
  const isIts = recovery ? end.key === recovery.call?.key : end.of === OWN_CALL
  if (asking !== UNKNOWN_OUTCOME || !isIts) return { reply: false }
  const received =
    'result' in end
      ? { value: { outcome: 'done', result: await readRef(turns.services.values, end.result) } }
      : { problem: end.problem, isOwn: true as const }
  return { ...(await resume(turns, waiting, received, effects)), reply: true }
}
