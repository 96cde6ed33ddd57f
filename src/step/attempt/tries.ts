import type { FailedAttempt } from '../../kernel/faults.ts'
import { clip } from '../../lib/clip.ts'
import type { FailedOutcome, RetryLater } from '../record/outcome.ts'
import { MAX_TRIES, type StepTry } from '../record/step.ts'

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

/** The attempts of a step that failed or may have acted, and those that failed when it was made again. */
export function triesBefore(
  { attempts: attempt, ms, problem: { code, message }, tries = [] }: Failed,
  again: readonly FailedAttempt[] = [],
): readonly StepTry[] {
  const last = { attempt, code, message: clip(message, MAX_MESSAGE), ...(ms !== undefined && { ms }) }
  return [...tries, last, ...triesIn(again, attempt)].slice(-MAX_TRIES)
}
type Failed = Pick<FailedOutcome, 'attempts' | 'problem' | 'tries'> & Partial<Pick<FailedOutcome, 'ms'>>

/** The last of some failed attempts, after which a step waits, and those before it, with those of earlier turns. */
export function waitAfter(
  failed: readonly FailedAttempt[],
  before: number,
  untold: readonly StepTry[],
): Pick<RetryLater, 'at' | 'ms' | 'tries'> {
  const found = triesIn(failed, before)
  const { at, ms } = found.at(-1) ?? {}
  const tries = [...untold, ...found.slice(0, -1)].slice(-MAX_TRIES)
  return {
    ...(at !== undefined && { at }),
    ...(ms !== undefined && { ms }),
    ...(tries.length > 0 && { tries }),
  }
}
