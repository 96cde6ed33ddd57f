import { isBusy, type Problem, problemOf, errorOf as toError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import { resultOfFailure } from '../../tool/tool.ts'
import type { Backoff, CompiledStep } from '../plan/compiled.ts'
import type { StepOutcome } from '../plan/messages/step-end.ts'
import type { RetryLater } from '../plan/step-outcome.ts'
import type { Trial } from './attempt.ts'
import type { PipelineServices } from './context.ts'
import { type Account, failedWith } from './outcome.ts'

/** Whether another attempt is due: a full pool always is worth one, what is terminal never. */
export function mayRetry(problem: Problem, attempt: number, attempts: number): boolean {
  return isBusy(problem) || (problem.terminal !== true && attempt < attempts)
}

/** ms that the pauses between attempts may take while a step holds its place; what takes longer waits by a timer. */
const PATIENCE = 120_000

const DEFAULT: Backoff = { first: 200, factor: 2, most: 30_000, jitter: true }

/** ms from a failed attempt to the next: what the problem asks for, else as the author said, spread by the key of the call. */
export function pauseAfter(
  attempt: number,
  { delay }: Pick<Problem, 'delay'>,
  key: string,
  { first, factor, most, jitter }: Backoff = DEFAULT,
): number {
  if (delay !== undefined) return delay
  const whole = Math.min(most, first * factor ** (attempt - 1))
  return Math.round(Math.min(most, jitter ? whole * spreadOf(key, attempt) : whole))
}

/** From 0.75 to 1.25, the same for the same attempt at the same call. */
function spreadOf(key: string, attempt: number): number {
  return (
    0.75 +
    Number.parseInt(Buffer.from(deriveId(key, attempt), 'base64url').toString('hex').slice(0, 4), 16) / 0xffff / 2
  )
}

/** Whether a pause is too long to hold the place, after those since attempt `from`. */
function isLong(pause: number, attempt: number, from: number, key: string, backoff?: Backoff): boolean {
  let total = pause
  for (let before = from; before < attempt; before++) total += pauseAfter(before, {}, key, backoff)
  return total > PATIENCE
}

/** What an attempt came to that threw: thrown again, and not terminal, when another one is due in place. */
export async function failed(
  error: unknown,
  { services, start, call, before, as, emit }: Trial,
  step: CompiledStep | undefined,
  account: Account,
): Promise<StepOutcome | RetryLater> {
  const raw = problemOf(error)
  if (raw.budget && before !== undefined && !as)
    return { type: 'later', delay: 0, problem: raw, attempts: call.attempt - 1 }
  if (raw.budget || isBusy(raw)) throw error
  const { problem, result } = await told(error, services)
  const allowed = as ? as.step.attempts : start.attempts
  const asked = as ? as.step.insists : start.insists === true
  const insists = asked && result !== undefined && call.attempt < allowed
  const isBug = problem.bug === true && !asked
  const isLate = start.left !== undefined && problem.code === 'timeout'
  if (!isLate && !isBug && (insists || mayRetry(problem, call.attempt, allowed))) {
    const { terminal: _, bug: __, ...passing } = problem
    const delay = pauseAfter(call.attempt, problem, call.idempotencyKey, step?.backoff)
    const isTooLong =
      before !== undefined && isLong(delay, call.attempt, before + 1, call.idempotencyKey, step?.backoff)
    if (isTooLong) return { type: 'later', delay, problem: passing, attempts: call.attempt }
    emit({ type: 'step-retry', step: start.step, attempts: call.attempt, delay, problem: passing })
    throw Object.assign(toError({ ...passing, delay }), { cause: error })
  }
  if (result === undefined) return { status: 'failed', ...account, problem }
  return failedWith({ result }, problem, services, account)
}

/** What is told of a failure: no secret, whoever repeats one. */
async function told(error: unknown, { secrets }: PipelineServices) {
  const [problem, result] = [problemOf(error), resultOfFailure(error)]
  if (!secrets) return { problem, result }
  const safe = await secrets.problem(problem)
  return { problem: safe, result: result === undefined ? result : secrets.hide(result) }
}
