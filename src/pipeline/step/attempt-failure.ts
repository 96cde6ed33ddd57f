import { isBusy, problemOf, errorOf as toError } from '../../errors.ts'
import { failedResult } from '../../tool/tool.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import type { Ended } from '../plan/messages/step-end.ts'
import type { Later } from '../plan/step-outcome.ts'
import type { Trial } from './attempt.ts'
import type { PipelineServices } from './context.ts'
import { type Account, failedWith } from './outcome.ts'
import { isLong, mayRetry, pauseAfter } from './retry.ts'

/** What an attempt came to that threw: thrown again, and not terminal, when another one is due in place. */
export async function failed(
  error: unknown,
  { services, start, call, before, as, emit }: Trial,
  step: CompiledStep | undefined,
  account: Account,
): Promise<Ended | Later> {
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
  const [problem, result] = [problemOf(error), failedResult(error)]
  if (!secrets) return { problem, result }
  const safe = await secrets.problem(problem)
  return { problem: safe, result: result === undefined ? result : secrets.hide(result) }
}
