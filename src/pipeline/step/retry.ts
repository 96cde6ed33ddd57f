import { isBusy, type Problem, problemOf, errorOf as toError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/schema.ts'
import { failedReplyOf } from '../../model/reply/failed-reply.ts'
import { type EndDetails, failedEndWithValue } from '../../step/attempt/outcome.ts'
import { callTimeLeft, usedWhenLater } from '../../step/call/call-time.ts'
import type { RunDelta } from '../../step/messages/delta.ts'
import type { Backoff } from '../../step/policy.ts'
import { mayRetry } from '../../step/policy.ts'
import type { FailedOutcome, RetryLater } from '../../step/record/outcome.ts'
import type { ValueRef } from '../../step/values.ts'
import { storable } from '../../tool/secrets.ts'
import { resultOfFailure } from '../../tool/tool.ts'
import { isCodeMissing } from '../../work/code-wait.ts'
import { orWait, type WaitTerms, waitTerms } from '../../work/provider-wait.ts'
import { suspensionIn } from '../../work/suspension.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'
import type { PipelineAttempt } from './attempt.ts'
import type { PipelineServices } from './context.ts'
import { attemptsOf, cutOffIn } from './cut-off.ts'

/**
 * Maximum total pause between attempts within one turn. For longer pauses the step is suspended until a timer fires.
 */
const MAX_PAUSE_IN_TURN_MS = 120_000

const DEFAULT_BACKOFF: Backoff = { first: 200, factor: 2, most: 30_000, jitter: true }

/**
 * ms from a failed attempt to the next: as the problem asks, else as
 * the author configured, with jitter derived from the call's key.
 */
export function retryDelay(
  attempt: number,
  { delay }: Pick<Problem, 'delay'>,
  key: string,
  { first, factor, most, jitter }: Backoff = DEFAULT_BACKOFF,
): number {
  if (delay !== undefined) return delay
  const whole = Math.min(most, first * factor ** (attempt - 1))
  return Math.round(Math.min(most, jitter ? whole * jitterOf(key, attempt) : whole))
}

/** From 0.75 to 1.25, the same for the same attempt at the same call. */
function jitterOf(key: string, attempt: number): number {
  return (
    0.75 +
    Number.parseInt(Buffer.from(deriveId(key, attempt), 'base64url').toString('hex').slice(0, 4), 16) / 0xffff / 2
  )
}

/** Whether a pause, after those since attempt `from`, is too long to hold the place. */
function outlastsTurn(pause: number, attempt: number, from: number, key: string, backoff?: Backoff): boolean {
  let total = pause
  for (let before = from; before < attempt; before++) total += retryDelay(before, {}, key, backoff)
  return total > MAX_PAUSE_IN_TURN_MS
}

/**
 * The outcome of an attempt that threw. Rethrows the error as
 * non-terminal when another attempt is due in the same turn.
 */
export async function endFailedAttempt(
  error: unknown,
  attempt: PipelineAttempt,
  step: CompiledStep | undefined,
  account: EndDetails,
): Promise<FailedOutcome | RetryLater> {
  const { services, start, call, before, as, emit } = attempt
  const waited = orWait(error, waitTermsOf(services, start, step))
  const raw = problemOf(waited)
  const suspension = suspensionIn(raw)
  if (isCodeMissing(raw)) throw waited
  if (suspension && before !== undefined && !as) {
    const { problem } = await withoutSecrets(waited, attempt)
    const delay = suspension.type === 'provider' ? suspension.next.delay : 0
    return { type: 'later', problem, ...laterFields(attempt, delay, call.attempt - 1, account) }
  }
  if (suspension || isBusy(raw)) throw waited
  const { problem, result } = await withoutSecrets(waited, attempt)
  const allowed = attemptsOf(start, as)
  const asked = as ? as.step.policy.retryReported : start.policy.retryReported === true
  const retryReported = asked && result !== undefined && call.attempt < allowed
  const isBug = problem.bug === true && !asked
  const isLate = problem.code === 'timeout' && isTimeOver(start, account)
  const delay = retryDelay(call.attempt, problem, call.idempotencyKey, step?.policy.backoff)
  const isOver = isLate || delay >= callTimeLeft(attempt)
  if (!isOver && !isBug && (retryReported || mayRetry(problem, call.attempt, allowed))) {
    const { terminal: _, bug: __, ...passing } = problem
    const isTooLong =
      before !== undefined && outlastsTurn(delay, call.attempt, before + 1, call.idempotencyKey, step?.policy.backoff)
    if (isTooLong) return { type: 'later', problem: passing, ...laterFields(attempt, delay, call.attempt, account) }
    emit({ type: 'step-retry', step: start.step, attempts: call.attempt, delay, problem: passing } satisfies RunDelta)
    throw Object.assign(toError({ ...passing, delay }), { cause: waited })
  }
  const reply = failedReplyOf(error)
  if (result === undefined && reply === undefined) return { status: 'failed', ...account, problem }
  // the reply that the problem quotes is kept whole
  const fields = reply === undefined ? {} : { fields: { text: hidden(reply, services) } }
  return failedEndWithValue({ result: result ?? null, ...fields }, problem, services, account)
}

/** Stores the reply that a problem quotes, as the value of a step that failed before it could act. */
export async function storeFailedReply(
  reply: string,
  problem: Problem,
  services: PipelineServices,
): Promise<ValueRef | undefined> {
  const value = { result: null, fields: { text: hidden(reply, services) } }
  return (await failedEndWithValue(value, problem, services, { attempts: 0, ms: 0 })).result
}

function laterFields(attempt: PipelineAttempt, delay: number, attempts: number, { ms }: EndDetails) {
  return { delay, attempts, ms, ...cutOffIn(attempt.call), ...usedWhenLater(attempt, delay) }
}

/** Whether an attempt of `ms` has used up the time that the step shares with others. */
function isTimeOver(
  { policy: { timeLeft = Number.POSITIVE_INFINITY } }: PipelineStepStart,
  { ms }: EndDetails,
): boolean {
  // a timer may fire a fraction of a millisecond early by the measuring clock
  return ms >= timeLeft - 1
}

const hidden = (text: string, { secrets }: PipelineServices): Json => (secrets ? secrets.hide(text) : text)

/** How long a step waits for the provider of its model: its own setting, otherwise that of its pool. */
export function waitTermsOf(
  { patience, pool, secrets }: Pick<PipelineServices, 'patience' | 'pool' | 'secrets'>,
  { waited }: Pick<PipelineStepStart, 'waited'>,
  step: Pick<CompiledStep, 'model'> | undefined,
): WaitTerms {
  const hide = secrets && { hide: secrets.shown<string> }
  return waitTerms(patience, pool, { own: step?.model?.patience, wait: waited, ...hide })
}

/** A failure without any secret it may repeat. */
async function withoutSecrets(error: unknown, { services: { secrets }, notes = [] }: PipelineAttempt) {
  const [problem, result] = [problemOf(error), resultOfFailure(error)]
  if (!secrets) return { problem, result }
  const safe = await secrets.problem(problem)
  return { problem: safe, result: result === undefined ? result : storable(result, secrets, notes) }
}
