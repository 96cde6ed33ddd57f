import { type Problem, terminalProblem } from '../../../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { formatTime } from '../../../lib/time/moment.ts'
import { errorTypeOf, succeeded, withoutResult } from '../../../step/call/step-value.ts'
import { REJECTED } from '../../../step/messages/call-decision.ts'
import type { StepProgress } from '../../../step/messages/progress.ts'
import { isReferenced } from '../../../step/record/item-values.ts'
import { lossesOf, type ModelUse } from '../../../step/record/model-use.ts'
import type { EndedStep, LoopShape, StepPart, StepValue } from '../../../step/record/outcome.ts'
import { hasEnded, toStepRead } from '../../../step/record/outcome.ts'
import { CODE_WAIT, scopeAwaited, signalWait } from '../../../work/wait.ts'
import type { StepWaitEntry } from '../../actor/waits.ts'
import type { StepDocument } from '../../document.ts'
import { isFinished, type RunHead } from '../../run.ts'
import type { KnownStep } from './run-steps.ts'
import { type StepSpan, toSeconds } from './step-times.ts'

export type StoredStep = {
  readonly step: KnownStep
  readonly run: RunHead
  /** absent: the run has not reached it */
  readonly part: StepPart | undefined
  /** the signal or the budget it waits for, if it has not ended */
  readonly awaits: StepWaitEntry | undefined
  /** how far it says that it is; absent: it says nothing */
  readonly progress?: StepProgress | undefined
  /** its result, or the place of the result; absent: nothing is stored */
  readonly result: StepValue | Blob | undefined
  /** absent: not known */
  readonly span: StepSpan | undefined
}
type Blob = { readonly blob: string }

export function stepDocument({ step, run, part = NOT_STARTED, ...about }: StoredStep): StepDocument {
  const { awaits, progress, result, span } = about
  const { attempts = 0, models = [] } = hasEnded(part) ? part : retriesOf(part)
  const status = statusOf(part, awaits !== undefined, run)
  const isCutOff = status === 'cancelled' && step.isOnce && awaits === undefined
  const { error, error_type, ...failure } = errorFields(problemOf(part) ?? (isCutOff ? CUT_OFF : undefined))
  return {
    id: step.id,
    action: step.action,
    status,
    ...outcomeOf(status, part, result),
    error,
    error_type,
    tool: step.tool,
    ...answererIn(models),
    ...timesOf(status, part, span),
    retries: Math.max(0, attempts - 1),
    timed_out: error_type === 'TimeoutError',
    dependencies: [...step.dependencies],
    skip_reason: status === 'skipped' ? reasonOf(part, run) : null,
    ...failure,
    ...(status === 'waiting' && awaits !== undefined && awaitedOf(awaits)),
    ...moreOf(part),
    ...(progress && progressFields(progress)),
    ...decisionOf(part, result),
  }
}

/** A call that its run cancelled. A run that has ended asks nobody. */
const CUT_OFF = terminalProblem({
  code: 'unknown',
  name: 'UnknownError',
  message: 'The call was cut off. If it had begun, whether it took place is not known.',
})

function progressFields({ progress, log, cut }: StepProgress): Pick<StepDocument, 'progress' | 'log' | 'log_cut'> {
  return {
    ...(progress !== undefined && { progress }),
    ...(log.length > 0 && { log: log.map((line) => ({ ...line, at: formatTime(line.at) })) }),
    ...(cut > 0 && { log_cut: cut }),
  }
}

/** The decision of a person about its call, if the step itself asked. */
function decisionOf(part: StepPart, result: StoredStep['result']): Partial<StepDocument> {
  if (part.status === 'skipped') return part.comment === undefined ? {} : { rejection: part.comment }
  const isEdited = hasEnded(part) && part.decided?.edited
  return isEdited && result && 'parameters' in result ? { changed_parameters: result.parameters as Json } : {}
}

/** Waits for a budget or for code say so, all others name a signal. */
function awaitedOf({ name, url }: StepWaitEntry): Pick<StepDocument, 'waits_for' | 'to_go_on'> {
  if (name === CODE_WAIT) return { waits_for: 'code' }
  const scope = scopeAwaited(name)
  if (scope === undefined) return { waits_for: signalWait(name), ...(!url && { to_go_on: 'antiphon inbox' }) }
  return { waits_for: name, to_go_on: `antiphon budget raise ${scope} DOLLARS` }
}

const NOT_STARTED: StepPart = { status: 'queued' }

/** The attempts so far of a step that pauses before the next one. */
function retriesOf(part: StepPart): Partial<Pick<EndedStep, 'attempts' | 'models'>> {
  return part.status === 'running' && part.retry ? { attempts: part.retry.attempts } : {}
}

/** Why a step failed, or will be tried again. */
function problemOf(part: StepPart): Problem | undefined {
  if (part.status === 'running') return part.retry?.problem
  return part.status === 'completed' || part.status === 'failed' ? part.problem : undefined
}

/** In a run that is over, a step that did not end was skipped, or cancelled with it. */
function statusOf(part: StepPart, held: boolean, run: RunHead): StepDocument['status'] {
  if (hasEnded(part)) return part.status
  const isRunning = part.status === 'running'
  if (isFinished(run)) return isRunning ? 'cancelled' : 'skipped'
  if (!isRunning) return 'queued'
  return held || part.retry ? 'waiting' : 'running'
}

/** In a run that is over, a step that never ended was not needed, or nothing more was started. */
function reasonOf(part: StepPart, run: RunHead): string | null {
  if (part.status === 'skipped') return part.reason
  return run.status === 'completed' ? 'not_reached' : 'aborted'
}

type OutcomeFields = Pick<StepDocument, 'success' | 'value'>

function outcomeOf(status: StepDocument['status'], part: StepPart, result: StoredStep['result']): OutcomeFields {
  switch (status) {
    case 'queued':
    case 'waiting':
    case 'running':
      return { success: null, value: null }
    case 'cancelled':
      return { success: false, value: null }
    default: {
      if (result && 'blob' in result) return { success: status === 'completed', value: result }
      const value = result ?? withoutResult(toStepRead(part))
      return { success: succeeded(value), value: valueDocument(value) }
    }
  }
}

type ErrorFields = Pick<
  StepDocument,
  'error' | 'error_type' | 'error_code' | 'error_hint' | 'error_at' | 'error_stack' | 'error_details'
>

/** A failure as documents show it. */
export function errorFields(problem: Problem | undefined): ErrorFields {
  if (!problem) return { error: null, error_type: null }
  const { message, code, hint, at, stack, details } = problem
  const about = {
    error_code: code,
    ...present({ error_hint: hint, error_at: at, error_stack: stack, error_details: details }),
  }
  return { error: message, error_type: errorTypeOf(problem), ...about }
}

/** The model that did the step itself, not one that resolved a tag. */
function answererIn(models: readonly ModelUse[]): Pick<StepDocument, 'model' | 'provider'> {
  const { model } = models.findLast((use) => use.for === 'step') ?? {}
  return model === undefined ? { model: null, provider: null } : { model, provider: model.split('/')[0]! }
}

type TimeFields = Pick<StepDocument, 'started_at' | 'completed_at' | 'duration'>

/** A loop that its run ended has no span. */
function timesOf(status: StepDocument['status'], part: StepPart, span: StepSpan | undefined): TimeFields {
  const started_at = span ? formatTime(span.from) : null
  if (status === 'running') return { ...UNTIMED, started_at }
  if (status !== 'completed' && status !== 'failed') return UNTIMED
  if (span) return { started_at, completed_at: formatTime(span.to), duration: toSeconds(span.to - span.from) }
  return { ...UNTIMED, duration: hasEnded(part) ? toSeconds(part.ms) : null }
}

const UNTIMED: TimeFields = { started_at: null, completed_at: null, duration: null }

function moreOf(part: StepPart): Partial<StepDocument> {
  if (part.status === 'running') return part.retry ? { retry_at: formatTime(part.retry.until) } : {}
  if (!hasEnded(part)) return {}
  const {
    models,
    key,
    recovery: { handled, failedHandlers } = {},
    degraded,
    whole,
    warnings,
    reuse,
    attempts,
    undo,
    said,
  } = part
  const lacks = lossesOf({ ...part, problem: problemOf(part), handled })
  return {
    ...(part.status === 'skipped' && part.by !== undefined && { skipped_by: part.by }),
    ...(said && { said }),
    ...(part.queued !== undefined && { queued: toSeconds(part.queued) }),
    ...present({ models, idempotency_key: key, handled }),
    ...(failedHandlers && {
      failed_handlers: failedHandlers.map(({ by: handler, problem }) => ({ handler, ...errorFields(problem) })),
    }),
    ...(degraded && { degraded }),
    ...(lacks.length > 0 && { lacks }),
    ...(whole && { whole }),
    ...(warnings && { warnings }),
    ...(reuse?.same && attempts === 0 && { reused: true }),
    ...(undo && { undone: undo.undone }),
    ...(undo?.problem && { undo_error: undo.problem.message }),
  }
}

function valueDocument(value: StepValue): Json {
  const { status, result, reason, loop, error = null } = value
  if (status === 'skipped') return reason === 'condition_false' || reason === REJECTED ? { status, reason } : null
  if (loop && isJsonObject(result)) return loopValue(loop, result)
  return { ...detailJsonObject(value), result, success: succeeded(value), error: status === 'failed' ? error : null }
}

/** Its action, the model that answered, the reply if that is not the result, and its file. */
function detailJsonObject({ fields = {}, result }: StepValue): JsonObject {
  const { text, ...facts } = fields
  return text === undefined || text === result ? facts : { ...facts, text }
}

/** Every step in a loop's value is shown like a step of its own. */
function loopValue(shape: LoopShape, result: JsonObject): Json {
  const rows = (name: string) => result[name] as readonly JsonObject[]
  switch (shape) {
    case 'for_each':
    case 'while':
      return { ...result, results: rows('results').map(rowValue) }
    case 'foreach':
      return { ...result, results: rows('results').map(itemValue) }
    case 'queue':
      return {
        ...result,
        results: rows('results').map((item) => ({ ...item, result: itemValue(item.result!) })),
      }
    case 'action_loop': {
      const turns = rows('all_results').map((turn) => ({ ...turn, results: rowValue(turn.results as JsonObject) }))
      return { ...result, all_results: turns, final_results: rowValue(result.final_results as JsonObject) }
    }
  }
}

function rowValue(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([child, value]) => [child, itemValue(value)]))
}

/** One step, several by their names, or null when none was reached. */
function itemValue(item: Json): Json {
  if (!isJsonObject(item)) return null
  if (typeof item.status === 'string' && isReferenced(item)) return { blob: item.blob }
  return typeof item.status === 'string' && 'result' in item
    ? valueDocument(item as StepValue)
    : rowValue(item as JsonObject)
}
