import { isBusy, type Problem, problemOf, errorOf as toError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/json.ts'
import { failedReplyOf } from '../../model/reply/failed-reply.ts'
import { storable } from '../../tool/secrets.ts'
import { resultOfFailure } from '../../tool/tool.ts'
import { isCodeMissing } from '../../work/code-wait.ts'
import { orWait, type WaitTerms, waitTerms } from '../../work/provider-wait.ts'
import { suspensionIn } from '../../work/suspension.ts'
import { callTimeLeft, usedWhenLater } from '../call/call-time.ts'
import type { StepServices } from '../call/context.ts'
import type { RunDelta } from '../messages/delta.ts'
import type { StepStart } from '../messages/step-start.ts'
import { type Backoff, mayRetry } from '../policy.ts'
import type { FailedOutcome, RetryLater } from '../record/outcome.ts'
import type { ValueRef } from '../values.ts'
import { cutOffIn } from './cut-off.ts'
import { type EndDetails, failedEndWithValue } from './outcome.ts'
import type { StepAttempt } from './work.ts'

/** The terms of the attempts at a step, or at what does its work for it. */
export type AttemptTerms = {
  readonly attempts: number
  /** failures that a tool only reports are retried */
  readonly retryReported?: boolean | undefined
  readonly backoff?: Backoff | undefined
  /** ms that it waits for the provider of its model; absent: as its pool says */
  readonly patience?: number | undefined
  /** it does the work of another step, which waits for money and providers itself */
  readonly isSubstitute?: boolean
}

/** Maximum total pause between attempts in one turn. For longer ones the step is suspended until a timer fires. */
const MAX_PAUSE_IN_TURN_MS = 120_000

const DEFAULT_BACKOFF: Backoff = { first: 200, factor: 2, most: 30_000, jitter: true }

/** ms from a failed attempt to the next: as the problem or the author says, with jitter derived from the call's key. */
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

/** The outcome of an attempt that threw. Rethrows the error as non-terminal if the same turn makes another attempt. */
export async function endFailedAttempt(
  error: unknown,
  attempt: StepAttempt,
  { attempts: allowed, retryReported: asked = false, backoff, patience, isSubstitute }: AttemptTerms,
  account: EndDetails,
): Promise<FailedOutcome | RetryLater> {
  const { services, start, call, before, emit } = attempt
  const waited = orWait(error, waitTermsOf(services, start, patience))
  const raw = problemOf(waited)
  const suspension = suspensionIn(raw)
  if (isCodeMissing(raw)) throw waited
  if (suspension && before !== undefined && !isSubstitute) {
    const { problem } = await withoutSecrets(waited, attempt)
    const delay = suspension.type === 'provider' ? suspension.next.delay : 0
    return { type: 'later', problem, ...laterFields(attempt, delay, call.attempt - 1, account) }
  }
  if (suspension || isBusy(raw)) throw waited
  const { problem, result } = await withoutSecrets(waited, attempt)
  const retryReported = asked && result !== undefined && call.attempt < allowed
  const isBug = problem.bug === true && !asked
  const isLate = problem.code === 'timeout' && isTimeOver(start, account)
  const delay = retryDelay(call.attempt, problem, call.idempotencyKey, backoff)
  const isOver = isLate || delay >= callTimeLeft(attempt)
  if (!isOver && !isBug && (retryReported || mayRetry(problem, call.attempt, allowed))) {
    const { terminal: _, bug: __, ...passing } = problem
    const isTooLong =
      before !== undefined && outlastsTurn(delay, call.attempt, before + 1, call.idempotencyKey, backoff)
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
  services: StepServices,
): Promise<ValueRef | undefined> {
  const value = { result: null, fields: { text: hidden(reply, services) } }
  return (await failedEndWithValue(value, problem, services, { attempts: 0, ms: 0 })).result
}

function laterFields(attempt: StepAttempt, delay: number, attempts: number, { ms }: EndDetails) {
  return { delay, attempts, ms, ...cutOffIn(attempt.call), ...usedWhenLater(attempt, delay) }
}

/** Whether an attempt of `ms` has used up the time that the step shares with others. */
function isTimeOver({ policy: { timeLeft = Number.POSITIVE_INFINITY } }: StepStart, { ms }: EndDetails): boolean {
  // a timer may fire a fraction of a millisecond early by the measuring clock
  return ms >= timeLeft - 1
}

const hidden = (text: string, { secrets }: StepServices): Json => (secrets ? secrets.hide(text) : text)

/** How long a step waits for the provider of its model: its own setting, otherwise that of its pool. */
export function waitTermsOf(
  { patience: waits, pool, secrets }: Pick<StepServices, 'patience' | 'pool' | 'secrets'>,
  { waited }: Pick<StepStart, 'waited'>,
  patience: number | undefined,
): WaitTerms {
  const hide = secrets && { hide: secrets.shown<string> }
  return waitTerms(waits, pool, { own: patience, wait: waited, ...hide })
}

/** A failure without any secret it may repeat. */
async function withoutSecrets(error: unknown, { services: { secrets }, notes = [] }: StepAttempt) {
  const [problem, result] = [problemOf(error), resultOfFailure(error)]
  if (!secrets) return { problem, result }
  const safe = await secrets.problem(problem)
  return { problem: safe, result: result === undefined ? result : storable(result, secrets, notes) }
}
