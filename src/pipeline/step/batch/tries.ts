import type { FailedAttempt } from '../../../kernel/faults.ts'
import { clip } from '../../../lib/clip.ts'
import { MAX_TRIES, type StepTry } from '../../../run/step.ts'
import type { FailedOutcome, RetryLater } from '../../plan/step-outcome.ts'

/** Characters of the message of an earlier attempt. */
const MAX_MESSAGE = 300

/** The failed attempts of a turn, as an event has them; `before`: the number of attempts in earlier turns. */
export function triesIn(failed: readonly FailedAttempt[], before = 0): readonly StepTry[] {
  return failed.slice(-MAX_TRIES).map(({ attempt, problem: { code, message }, began: at, ms, delay }) => ({
    attempt: before + attempt,
    code,
    message: clip(message, MAX_MESSAGE),
    ...(at !== undefined && { at }),
    ...(ms !== undefined && { ms }),
    ...(at !== undefined && ms !== undefined && delay !== undefined && { until: at + ms + delay }),
  }))
}

/** The attempts of a failed step, and those that failed when a handler made it again. */
export function triesBefore(
  { attempts: attempt, ms, problem: { code, message }, tries = [] }: FailedOutcome,
  again: readonly FailedAttempt[],
): readonly StepTry[] {
  return [...tries, { attempt, code, message: clip(message, MAX_MESSAGE), ms }, ...triesIn(again, attempt)].slice(
    -MAX_TRIES,
  )
}

/** The last of some failed attempts, after which a step waits, and those before it. */
export function waitAfter(failed: readonly FailedAttempt[], before: number): Pick<RetryLater, 'at' | 'ms' | 'tries'> {
  const tries = triesIn(failed, before)
  const last = tries.at(-1)
  if (!last) return {}
  const { at, ms } = last
  return {
    ...(at !== undefined && { at }),
    ...(ms !== undefined && { ms }),
    ...(tries.length > 1 && { tries: tries.slice(0, -1) }),
  }
}
