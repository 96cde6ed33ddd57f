import type { Problem } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { AwaitingCallback, StepState } from '../attempt/step-state.ts'
import type { StepTurns } from '../attempt/turns.ts'
import { DEADLINE_REACHED } from '../call/call-time.ts'
import { resume } from './await-callback.ts'
import { timeoutAfter } from './deadline.ts'

/**
 * Ends the wait for an answer that did not come in time. A child run at the deadline of its goal gets the same time
 * again while it waits for a person, since that time does not count.
 */
export async function expire(turns: StepTurns, waiting: AwaitingCallback, effects: Effects): Promise<Turn<StepState>> {
  const { question, deadline = Number.POSITIVE_INFINITY, run: _, ...rest } = waiting
  const { to, limit = Number.POSITIVE_INFINITY } = question
  if (deadline > limit || rest.later !== undefined || 'signal' in to)
    return resume(turns, waiting, { problem: ANSWER_TIMEOUT }, effects)
  const isHeld = await effects.run('held', async () => (await turns.services.isHeld?.(to.key)) ?? false, {
    effect: 'pure',
  })
  return isHeld ? { timers: timeoutAfter(deadline) } : resume(turns, waiting, { problem: DEADLINE_REACHED }, effects)
}

/** The problem of an answer that did not come in time. */
const ANSWER_TIMEOUT: Problem = {
  code: 'timeout',
  name: 'TimeoutError',
  message: 'the answer took longer than the timeout of the step',
}
