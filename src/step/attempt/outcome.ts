import { is, type Problem, problemOf, TerminalError } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import { badResult } from '../../tool/bad-result.ts'
import type { StepContext, StepResult, StepServices, ValueResult } from '../call/context.ts'
import { failureFields, storeValue } from '../call/step-value.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { IteratingLoop } from '../messages/step-end.ts'
import { isDegraded } from '../model-call/ask-model.ts'
import type { WorkPolicy } from '../policy.ts'
import type { ModelUse } from '../record/model-use.ts'
import type { CompletedOutcome, FailedOutcome, RetryLater, StepOutcome, StepValue } from '../record/outcome.ts'
import type { StepTry } from '../record/step.ts'
import { storeRef, type ValueRef } from '../values.ts'
import type { AwaitingCallback } from './step-state.ts'

/** The outcome of an attempt: the step's end, a callback request, or a pause that is too long to hold its place. */
export type AttemptOutcome = StepOutcome | IteratingLoop | PendingCallback | RetryLater
export type PendingCallback = Pick<
  AwaitingCallback,
  'asking' | 'tool' | 'question' | 'parameters' | 'key' | 'attempts' | 'filesDigest' | 'memo' | 'looks'
> & {
  readonly type: 'ask'
  /** the failed attempts before it in its turn */
  readonly tries?: readonly StepTry[]
}

/** The fields of an outcome besides status and value. */
export type EndDetails = Pick<
  CompletedOutcome,
  'attempts' | 'ms' | 'queued' | 'models' | 'degraded' | 'lacks' | 'list' | 'depends'
>

/** The outcome of a result. A large value is stored before it is named. */
export function toOutcome(
  result: StepResult,
  context: StepContext,
  account: EndDetails,
): AttemptOutcome | Promise<AttemptOutcome> {
  const { services, policy, call } = context
  switch (result.type) {
    case 'result':
      return valueOutcome(result, context, account)
    case 'loop':
      return { status: 'iterating', attempts: account.attempts, ms: account.ms, plan: result.reply }
    case 'outputs':
      return completedEnd(account, storeRef(services.values, result.outputs), result.warnings)
    case 'ask':
      return { ...withCallbackTimeout(result, policy), key: call.idempotencyKey, attempts: account.attempts }
  }
}

function valueOutcome(
  { type: _, problem, models, depends, lacks, warnings, list, ...rest }: ValueResult,
  context: StepContext,
  account: EndDetails,
) {
  const { services, acts } = context
  if (problem) return failedEndWithValue(rest, problem, services, list ? { ...account, list } : account)
  const value: StepValue = { status: 'completed', ...rest, duration: account.ms }
  const more = list || models || depends || lacks
  const details: EndDetails = more
    ? {
        ...account,
        ...(list && { list }),
        ...(depends && { depends }),
        ...(models && usesOf(models)),
        ...(lacks && { lacks: [...lacks], degraded: true as const }),
      }
    : account
  if (context.saveFile) return withFile(context.saveFile, value, context, details)
  const stored = storeValue(services, value)
  const ended = completedEnd(details, stored, warnings)
  return ended instanceof Promise && acts ? ended.catch((error) => failedUnkept(error, rest, context, details)) : ended
}

/** A tool has acted, so it is no reason to act again that its result cannot be stored. */
async function failedUnkept(
  error: unknown,
  { parameters }: Pick<StepValue, 'parameters'>,
  { services, name, start }: StepContext,
  details: EndDetails,
): Promise<FailedOutcome> {
  const isPassing = !(is(error) && error.terminal) && start.policy.effect !== 'at-most-once'
  if (isPassing || isInterruption(error)) throw error
  const problem = problemOf(badResult(`the call of ${name}`, problemOf(error).message))
  return failedEndWithValue({ result: null, ...(parameters && { parameters }) }, problem, services, details)
}

const usesOf = (models: readonly ModelUse[]) => ({ models, ...(isDegraded(models) && { degraded: true as const }) })

function completedEnd(account: EndDetails, stored: ValueRef | Promise<ValueRef>, warnings?: readonly string[]) {
  return stored instanceof Promise ? completedLater(account, stored, warnings) : toEnd(account, stored, warnings)
}

async function completedLater(
  account: EndDetails,
  stored: Promise<ValueRef>,
  warnings?: readonly string[],
): Promise<CompletedOutcome> {
  return toEnd(account, await stored, warnings)
}

function toEnd(account: EndDetails, result: ValueRef, warnings?: readonly string[]): CompletedOutcome {
  const ended: CompletedOutcome = { status: 'completed', ...account, result }
  return warnings && warnings.length > 0 ? { ...ended, warnings } : ended
}

async function withFile(
  save: NonNullable<StepContext['saveFile']>,
  value: StepValue,
  context: StepContext,
  account: EndDetails,
): Promise<StepOutcome> {
  const made = await save(value)
  const saved = made ? { ...value, fields: { ...value.fields, location: made.location } } : value
  const end = await completedEnd(account, storeValue(context.services, saved))
  return made ? { ...end, artifact: made } : end
}

/** The end of a step that failed for good but has a partial value. */
export async function failedEndWithValue(
  value: Omit<StepValue, 'status'>,
  problem: Problem,
  services: StepServices,
  { attempts, ms, queued, list }: EndDetails,
): Promise<FailedOutcome> {
  const failure = failureFields(problem, attempts)
  try {
    const result = await storeValue(services, { status: 'failed', ...value, ...failure, duration: ms })
    return {
      status: 'failed',
      attempts,
      ms,
      ...(queued !== undefined && { queued }),
      ...(list && { list }),
      problem,
      result,
    }
  } catch (cause) {
    // a result that cannot be stored is not a reason for a retry
    throw new TerminalError(`${problem.message} (its result could not be stored).`, { code: problem.code, cause })
  }
}

/** Limits a callback request to the step's timeout, unless its own limit is shorter. */
function withCallbackTimeout<T extends { readonly question: CallbackRequest }>(
  result: T,
  { timeout }: Pick<WorkPolicy, 'timeout'>,
): T {
  const { question } = result
  if (timeout === undefined) return result
  return { ...result, question: { ...question, limit: Math.min(timeout, question.limit ?? timeout) } }
}
