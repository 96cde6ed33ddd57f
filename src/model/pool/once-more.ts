import { is, TerminalError } from '../../errors.ts'
import { CALL_FAULTS } from '../call/failure-kinds.ts'
import { countingFailed, failedUsageOf, withFailedUsage, withSpent } from '../cost/usage.ts'
import { failedReplyOf, withFailedReply } from '../reply/failed-reply.ts'
import type { ModelReply } from '../request/request.ts'

/**
 * Asks a model, and again if its stream breaks in the middle. `onBreak` is called between the two. The reply counts
 * what both calls used. If the second one breaks, too, the error is terminal, so that nothing asks again by itself.
 */
export async function onceMore(
  ask: (isRepeated: boolean) => Promise<ModelReply>,
  onBreak: (reason: string) => void,
): Promise<ModelReply> {
  try {
    return await ask(false)
  } catch (error) {
    if (!isBroken(error)) throw error
    onBreak(error.message)
    return ask(true).then(
      (reply) => countingFailed(reply, error),
      (again: unknown) => {
        throw brokenAgain(again, error)
      },
    )
  }
}

const isBroken = (error: unknown): error is Error => is(error) && error.code === CALL_FAULTS.broken.code

/** The error of the second call, with what both used. */
const brokenAgain = (again: unknown, first: Error): unknown =>
  withSpent(isBroken(again) ? twice(again) : again, failedUsageOf(first))

function twice(error: Error): Error {
  const { code } = CALL_FAULTS.broken
  const message = `The model was asked twice, and its stream broke both times: ${error.message}`
  const hint = 'If this repeats, check the connection to the provider, and any proxy in front of it.'
  const failure = new TerminalError(message, { code, hint, cause: error })
  const reply = failedReplyOf(error)
  const spent = failedUsageOf(error)
  const quoted = reply === undefined ? failure : withFailedReply(failure, reply)
  return spent ? withFailedUsage(quoted, spent) : quoted
}
