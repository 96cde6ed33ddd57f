import { errorOf, type Problem, refusal, TerminalError } from '../../errors.ts'
import { storableAnswer } from '../../tool/secrets.ts'
import type { CallbackContext, CallbackHandler, CallbackVerdict } from '../call/callback.ts'
import type { CallbackRequest, CallbackResult } from '../messages/callback.ts'
import { SETTLEMENTS, type Settlement, settlementSchema } from '../messages/settlement.ts'

/** Reads the finding of a person about a call with an unknown outcome. */
export const settleCall: CallbackHandler = {
  ask() {
    throw new TypeError('the kernel finds an unknown outcome')
  },
  take,
}

function take(question: CallbackRequest, received: CallbackResult, { services }: CallbackContext): CallbackVerdict {
  const unknown = question.memo as Problem
  if ('problem' in received) throw received.isOwn ? errorOf(received.problem) : letFail(unknown)
  const settled = settlementOf(received.value)
  if (!settled) return { type: 'refused', question, problem: NOT_A_SETTLEMENT }
  const { outcome, result = null } = settled
  if (outcome === 'not-done') return { type: 'repeat' }
  if (outcome === 'fail') throw letFail(unknown)
  return storableAnswer(result, services.secrets)
}

/** A word, or a map with the outcome and the result. */
export function settlementOf(value: unknown): Settlement | undefined {
  const read = settlementSchema.safeParse(typeof value === 'string' ? { outcome: value.trim() } : value)
  const isWrong = read.data?.result !== undefined && read.data.outcome !== 'done'
  return isWrong ? undefined : read.data
}

function letFail({ message }: Problem): TerminalError {
  return new TerminalError(`A person settled the call as failed: ${message}`, { code: 'settled_failed' })
}

const NOT_A_SETTLEMENT: Problem = refusal({
  code: 'bad_value',
  message: `expected one of ${SETTLEMENTS.join(', ')}, or {"outcome": "done", "result": …}`,
})
