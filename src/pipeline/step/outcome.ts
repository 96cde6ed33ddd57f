import { type Problem, TerminalError } from '../../errors.ts'
import type { ArtifactSpec } from '../plan/artifact.ts'
import type { CallbackRequest } from '../plan/callback.ts'
import type { StepOutcome } from '../plan/messages/step-end.ts'
import type { ModelUse } from '../plan/model-use.ts'
import { storeRef, type ValueRef } from '../plan/refs.ts'
import type { RetryLater, StepValue } from '../plan/step-outcome.ts'
import { keepArtifact } from './artifact-file.ts'
import type { Deed, Job, PipelineServices, Result } from './context.ts'
import { isDegraded } from './model-call/ask-model.ts'
import { within } from './timeout.ts'
import { failureIn, storeValue } from './values/step-values.ts'

/** What one step came to: its end, a question it has to put to somebody else, or a pause too long to hold its place. */
export type Outcome = StepOutcome | Ask | RetryLater
export type Ask = {
  readonly type: 'ask'
  readonly asking: string
  readonly question: CallbackRequest
  readonly parameters: ValueRef
  readonly key: string
  readonly attempts: number
  readonly looked?: string
}

/** What is told of an end beside what it came to. */
export type Account = Pick<StepOutcome, 'attempts' | 'ms' | 'models' | 'degraded' | 'list' | 'depends'>

/** What a deed comes to; a large result is stored before it is named. */
export function outcomeOf(deed: Deed, job: Job, account: Account): Outcome | Promise<Outcome> {
  const { services, step, call } = job
  switch (deed.type) {
    case 'result':
      return resultOf(deed, job, account)
    case 'loop':
      return { status: 'completed', ...account, loop: deed.reply }
    case 'outputs':
      return completed(account, storeRef(services.values, deed.outputs), deed.warnings)
    case 'ask':
      return { ...within(deed, step), key: call.idempotencyKey, attempts: account.attempts }
  }
}

function resultOf({ type: _, problem, models, depends, ...rest }: Result, job: Job, account: Account) {
  const { services, step, start, instance } = job
  const list = start.loops?.[instance.node]?.list
  if (problem) return failedWith(rest, problem, services, list ? { ...account, list } : account)
  const value: StepValue = { status: 'completed', ...rest, duration: account.ms }
  const more = list || models || depends
  const told: Account = more
    ? { ...account, ...(list && { list }), ...(depends && { depends }), ...(models && usesOf(models)) }
    : account
  return step.artifact ? withFile(step.artifact, value, job, told) : completed(told, storeValue(services, value))
}

const usesOf = (models: readonly ModelUse[]) => ({ models, ...(isDegraded(models) && { degraded: true as const }) })

function completed(account: Account, stored: ValueRef | Promise<ValueRef>, warnings?: readonly string[]) {
  return stored instanceof Promise ? completedLater(account, stored, warnings) : endWith(account, stored, warnings)
}

async function completedLater(
  account: Account,
  stored: Promise<ValueRef>,
  warnings?: readonly string[],
): Promise<StepOutcome> {
  return endWith(account, await stored, warnings)
}

function endWith(account: Account, result: ValueRef, warnings?: readonly string[]): StepOutcome {
  const ended: StepOutcome = { status: 'completed', ...account, result }
  return warnings && warnings.length > 0 ? { ...ended, warnings } : ended
}

async function withFile(artifact: ArtifactSpec, value: StepValue, job: Job, account: Account): Promise<StepOutcome> {
  const made = await keepArtifact(artifact, value, job)
  const kept = made ? { ...value, fields: { ...value.fields, location: made.location } } : value
  const end = await completed(account, storeValue(job.services, kept))
  return made ? { ...end, artifact: made } : end
}

/** The end of a step that failed for good and has something to show. */
export async function failedWith(
  value: Omit<StepValue, 'status'>,
  problem: Problem,
  services: PipelineServices,
  account: Account,
): Promise<StepOutcome> {
  const failure = failureIn(problem, account.attempts)
  try {
    const result = await storeValue(services, { status: 'failed', ...value, ...failure, duration: account.ms })
    return { status: 'failed', ...account, problem, result }
  } catch (cause) {
    // what cannot be kept is no reason for another attempt
    throw new TerminalError(`${problem.message} (what it had to show could not be kept)`, { code: problem.code, cause })
  }
}
