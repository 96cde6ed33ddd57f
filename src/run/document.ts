import { z } from 'zod'
import { cachedFields, errorDetails, json, maybe, type Named, type Plain } from '../document.ts'
import { answer } from '../house/by.ts'
import { artifact } from '../step/record/artifact.ts'
import { modelUse } from '../step/record/model-use.ts'
import { wholeText } from '../step/record/step.ts'

const failedHandlerFields = {
  /** its step, model, action or sentence */
  handler: z.string(),
  error: z.string().nullable(),
  error_type: z.string().nullable(),
  error_code: maybe(z.string()),
  error_hint: maybe(z.string()),
  /** the place in a user's code that threw the error: a frame per line */
  error_at: maybe(z.string()),
  error_stack: maybe(z.string()),
}
/** @public */
export interface FailedHandlerFields extends Named<typeof failedHandlerFields> {}

// a handler or fallback of a step, and why it failed
const failedHandler: z.ZodObject<FailedHandlerFields> = z.object(failedHandlerFields).meta({ id: 'FailedHandler' })

const stepFields = {
  id: z.string(),
  /** the operation of its tool, the action without a tool, or the kind of loop */
  action: z.string(),
  status: z.enum(['queued', 'waiting', 'running', 'completed', 'failed', 'skipped', 'cancelled']),
  /** whether it succeeded; null: it has not ended */
  success: z.boolean().nullable(),
  /**
   * `{ result, success, error }`; if a model answered, also the model and the action; for
   * a loop the fields of its kind, with such values in them; `{ status, reason }` when
   * its condition was false; `{ blob }` beyond 8 MiB in total; null without a result
   */
  value: json,
  error: z.string().nullable(),
  error_type: z.string().nullable(),
  tool: z.string().nullable(),
  /** the model that answered, if a model did the work */
  model: z.string().nullable(),
  provider: z.string().nullable(),
  /** of the last attempt, as is the duration; for a loop from its first step on */
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  duration: z.number().nullable().meta({ description: 'seconds' }),
  /** seconds of the duration in which it waited for a place in a pool; absent: less than 0.1 */
  queued: maybe(z.number()).meta({ description: 'seconds of the duration: it waited for a place in a pool' }),
  /** attempts after the first */
  retries: z.number(),
  timed_out: z.boolean(),
  /** the steps that ended before it started, declared or read */
  dependencies: z.array(z.string()),
  /** `condition_false`, `rejected`, `route`, `not_reached`, `aborted`, `dependency_skipped` */
  skip_reason: z.string().nullable(),
  /** what it waits for; and the command that lets it continue */
  waits_for: maybe(z.string()).meta({
    description:
      '`signal:NAME`, `budget:SCOPE`, or `code`: a process with the code of its tool; in lists of steps also `pool`: an attempt waits for a place in a pool',
  }),
  to_go_on: maybe(z.string()).meta({ description: 'the command that continues it' }),
  /** the stable code of the error, and the remedy */
  error_code: maybe(z.string()),
  error_hint: maybe(z.string()),
  /** the place in a user's code that threw the error: a frame per line */
  error_at: maybe(z.string()),
  error_stack: maybe(z.string()),
  error_details: maybe(errorDetails).meta({ description: 'its cause, the errors that it joins, and its fields' }),
  /** the step whose route skipped it */
  skipped_by: maybe(z.string()),
  /** the reason of a person for rejecting its call, and the parameters that a person gave it */
  rejection: maybe(z.string()).meta({ description: 'what a person said who rejected its call' }),
  changed_parameters: maybe(json).meta({ description: 'the parameters that a person gave its call' }),
  /** who approved, rejected, changed or settled its calls, or answered its question; the newest last */
  said: maybe(z.array(answer)).meta({ description: 'who answered for it, through what, and when' }),
  /** the models that answered for it, their usage, and why they were chosen */
  models: maybe(z.array(modelUse)),
  /** of a loop in a run: what the steps of its iterations took together; their times may overlap */
  inside: maybe(
    z.object({
      steps: z.number(),
      duration: z.number().meta({ description: 'seconds' }),
      input: z.number().meta({ description: 'tokens' }),
      output: z.number().meta({ description: 'tokens' }),
      ...cachedFields,
      cost: maybe(z.number()).meta({ description: 'dollars' }),
    }),
  ).meta({ description: 'of a loop: what the steps of its iterations took together' }),
  /** the idempotency key that its tool got */
  idempotency_key: maybe(z.string()),
  /** how its failure was handled */
  handled: maybe(z.string()),
  /** handlers and fallbacks that failed themselves, and why */
  failed_handlers: maybe(z.array(failedHandler)).meta({ description: 'error handlers that failed' }),
  /** the value comes from a substitute, and the error says why; or something is missing, and `lacks` says what */
  degraded: maybe(z.literal(true)),
  /** missing parts, one sentence each */
  lacks: maybe(z.array(z.string())).meta({ description: 'what is missing, one sentence each' }),
  /** fields that its result has only in part: `antiphon show RUN STEP --whole FIELD` prints all of them */
  whole: maybe(z.array(wholeText)),
  /** warnings of its tool about the result */
  warnings: maybe(z.array(z.string())).meta({ description: 'warnings of its tool about the result' }),
  /** how far it says that it is, and the lines that it wrote while it worked */
  progress: maybe(json).meta({ description: 'how far it says that it is' }),
  log: maybe(z.array(z.object({ at: z.string(), level: z.string(), text: z.string() }))).meta({
    description: 'the lines that it wrote while it worked: at most 200, or 64 KiB',
  }),
  log_cut: maybe(z.number()).meta({ description: 'how many more lines had no room' }),
  /** the time of its next attempt */
  retry_at: maybe(z.string()),
  /** its result was reused from an earlier run, at no cost */
  reused: maybe(z.literal(true)),
  /** whether its work was undone, and if not, why */
  undone: maybe(z.boolean()),
  undo_error: maybe(z.string()),
}
/** @public */
export interface StepDocumentFields extends Named<typeof stepFields> {}

const step: z.ZodObject<StepDocumentFields> = z.object(stepFields)

/** A step of a run, or one of the steps of an iteration. */
export type StepDocument = Plain<typeof step>

const stepAttempt = z.object({
  attempt: z.number(),
  started_at: z.string().nullable().meta({ description: 'null: not known' }),
  ms: z.number().nullable().meta({ description: 'null: it has not ended, or not known' }),
  code: z.string().nullable().meta({ description: 'null: it did not fail. `cut_off`: its process ended' }),
  message: z.string().nullable(),
  until: maybe(z.string()).meta({ description: 'end of the pause after it' }),
})

/** An attempt at a step. */
export type StepAttemptRow = Plain<typeof stepAttempt>

const attempts = z.array(stepAttempt).meta({ description: 'the last 20 attempts, with the one that works now' })

const stepDetailFields = {
  ...stepFields,
  /** the id of the run */
  run: z.string().meta({ description: 'id of the run' }),
  /** the parameters of its tool or model; absent: not known (yet) */
  parameters: maybe(json).meta({ description: 'parameters of the tool or model call' }),
  /** the messages of its model: rendered again from the records of the run, with files as they are now */
  messages: maybe(z.array(z.object({ role: z.enum(['system', 'user']), text: z.string() }))).meta({
    description: 'messages that the model received, rendered again from the records of the run',
  }),
  /** how the messages differ from what the model got; empty: they are the same; absent: not known */
  changed: maybe(z.array(z.string())).meta({
    description: 'how the messages differ from what the model received: empty if they are the same',
  }),
  /** the files that its model got */
  given_files: maybe(z.array(z.object({ name: z.string(), type: z.string(), bytes: z.number() }))).meta({
    description: 'files that the model received',
  }),
  /** the reply of its model */
  reply: maybe(z.string()).meta({ description: 'reply of the model' }),
  /** why the parameters or messages cannot be rendered again */
  not_rendered: maybe(z.string()).meta({ description: 'why parameters or messages are missing' }),
  /** the last 20 attempts; absent: it has not begun */
  attempts: maybe(attempts),
}

export const stepDetail = z.object(stepDetailFields).meta({ id: 'StepDetail' })

/** One step of a run, with its parameters, and with the messages and the reply of its model. Secrets are hidden. */
export type StepDetail = Plain<z.ZodObject<typeof stepDetailFields>>

const stepRowFields = {
  /** when all steps that it depends on had ended; null: not yet */
  ready_at: z.string().nullable().meta({ description: 'when the last of its dependencies ended' }),
  /** the last 20 attempts: those that failed, and the one that ended the step or works now */
  attempts,
}

export const stepRow = step.omit({ value: true }).extend(stepRowFields).meta({ id: 'StepRow' })

/** A step of a run without its result, for lists and timelines. */
export type StepRow = Omit<StepDocument, 'value'> & Plain<z.ZodObject<typeof stepRowFields>>

/** A file that a step of a run made. */
export const stepArtifact = artifact.extend({ step: z.string() }).meta({ id: 'Artifact' })

const runFields = {
  /** the pipeline's `id`, or the name of the workflow */
  pipeline_id: z.string(),
  id: z.string().meta({ description: 'id of the run' }),
  /** the same, by the name that it has in templates */
  execution_id: z.string().meta({ description: 'the same as `id`' }),
  /** `waiting`: only a person, a signal, money or a timer lets it continue; an interrupted run is `running` */
  status: z.enum(['running', 'waiting', 'completed', 'failed', 'cancelled']),
  /** whether it completed and every failure was handled; null: it has not ended */
  success: z.boolean().nullable(),
  /** by id, in the author's order; for loops the steps of each iteration, as `<loop>_<index>_<id>` */
  steps: z.record(z.string(), step.meta({ id: 'Step' })),
  /** by name; empty until they are rendered */
  outputs: z.record(z.string(), json),
  /** the steps of the graph; within a level in the author's order */
  execution_order: z.array(z.string()),
  /** the same by level: steps of a level wait only for steps of earlier levels */
  execution_levels: z.array(z.array(z.string())),
  started_at: z.string(),
  /** when it begins, if it waits for that time */
  starts_at: maybe(z.string()).meta({ description: 'when it begins, if it waits for that time' }),
  completed_at: z.string().nullable(),
  duration: z.number().nullable().meta({ description: 'seconds' }),
  /** why it failed or was cancelled */
  error: z.string().nullable(),
  /** the kind of the error: `ToolError`, `TimeoutError`, `CancelledError`… */
  error_type: z.string().nullable(),
  /** the files that its steps declare */
  artifacts: z.array(stepArtifact),
  /** the stable code of the error, and the remedy */
  error_code: maybe(z.string()),
  error_hint: maybe(z.string()),
  /** the place in a user's code that threw the error: a frame per line */
  error_at: maybe(z.string()),
  error_stack: maybe(z.string()),
  error_details: maybe(errorDetails).meta({ description: 'its cause, the errors that it joins, and its fields' }),
  /** the step that failed */
  failed_step: maybe(z.string()),
  /** the name of the pipeline for people */
  name: z.string(),
  /** the hash of the compiled pipeline, or of the name and version of the workflow: runs of one share it */
  pipeline_hash: z.string(),
  /** the number of steps by outcome, including those of loops */
  counts: z.object({ done: z.number(), failed: z.number(), skipped: z.number() }),
  /** the usage of models by its steps, not by questions to threads or child runs: tokens, and dollars if known */
  usage: maybe(z.object({ input: z.number(), output: z.number(), ...cachedFields, cost: maybe(z.number()) })),
  /** a step is degraded: a substitute replaced a failed one, or something is missing */
  degraded: maybe(z.literal(true)),
  /** missing parts, as `STEP: sentence` */
  lacks: maybe(z.array(z.string())).meta({ description: 'what is missing, as `STEP: sentence`' }),
  /** outputs that could not be rendered */
  warnings: maybe(z.array(z.string())),
  /** the context for its tools; no model sees it */
  context: maybe(json).meta({ description: 'what the program gave to its tools; no model sees it' }),
}

export const runDocument = z.object(runFields).meta({ id: 'Run' })

/**
 * A run as a document. It is the same from the command line, over HTTP and from `runPipeline`, whether the run
 * completed, failed, was cancelled or continues. Keys without a question mark are always present, with `null` if they
 * have no value (yet); the others are present only with a value. Times are ISO-8601 in UTC, durations are seconds.
 */
export type RunDocument = Plain<z.ZodObject<typeof runFields>>

/** A file that a step of a run made, with its content. */
export type ArtifactContent = RunDocument['artifacts'][number] & { readonly bytes: Uint8Array }
