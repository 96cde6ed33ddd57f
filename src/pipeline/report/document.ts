/**
 * A run as people and programs read it. `read-run.ts` makes the document from the cells of a run and its steps, and
 * `plan.ts` shows a pipeline before it runs. Every reader of runs, from the command line to an agent, uses this
 * folder.
 */

import type { Json } from '../../kernel/schema.ts'
import type { ModelMessage } from '../../model/request/messages.ts'
import type { Artifact } from '../plan/artifact.ts'
import type { ModelUse } from '../plan/model-use.ts'
import type { WholeText } from '../plan/step-outcome.ts'

/**
 * A run as a document. It is the same from the command line, over HTTP and from `runPipeline`, whether the run completed, failed, was
 * cancelled or continues. Keys without a question mark are always present, with `null` if they have no value (yet); the others are present
 * only with a value. Times are ISO-8601 in UTC, durations are seconds.
 */
export type RunDocument = {
  /** the pipeline's `id` */
  readonly pipeline_id: string
  /** the run's id */
  readonly execution_id: string
  /** `waiting`: only a person, a signal, money or a timer lets it continue; an interrupted run is `running` */
  readonly status: 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'
  /** whether it completed and every failure was handled; null: it has not ended */
  readonly success: boolean | null
  /** by id, in the author's order; for loops the steps of each iteration, as `<loop>_<index>_<id>` */
  readonly steps: { readonly [id: string]: StepDocument }
  /** by name; empty until they are rendered */
  readonly outputs: { readonly [name: string]: Json }
  /** the steps of the graph; within a level in the author's order */
  readonly execution_order: readonly string[]
  /** the same by level: steps of a level wait only for steps of earlier levels */
  readonly execution_levels: readonly (readonly string[])[]
  readonly started_at: string
  readonly completed_at: string | null
  readonly duration: number | null
  /** why it failed or was cancelled */
  readonly error: string | null
  /** the kind of the error: `ToolError`, `TimeoutError`, `CancelledError`… */
  readonly error_type: string | null
  /** the files that its steps declare */
  readonly artifacts: readonly (Artifact & { readonly step: string })[]
  /** the stable code of the error, and the remedy */
  readonly error_code?: string
  readonly error_hint?: string
  /** the place in a user's code that threw the error: a frame per line */
  readonly error_stack?: string
  /** the step that failed */
  readonly failed_step?: string
  /** the name of the pipeline for people */
  readonly name: string
  /** the hash of the compiled pipeline: runs of the same pipeline have the same hash */
  readonly pipeline_hash: string
  /** the number of steps by outcome, including those of loops */
  readonly counts: { readonly done: number; readonly failed: number; readonly skipped: number }
  /** the usage of models by its steps, without its questions to threads and without child runs: tokens, and dollars if prices are known */
  readonly usage?: { readonly input: number; readonly output: number; readonly cost?: number }
  /** a step is degraded: a substitute replaced a failed one, or something is missing */
  readonly degraded?: true
  /** what is missing, as `STEP: sentence` */
  readonly lacks?: readonly string[]
  /** outputs that could not be rendered */
  readonly warnings?: readonly string[]
}

/** A handler or fallback of a step, and why it failed. */
export type FailedHandlerDocument = {
  /** its step, model, action or sentence */
  readonly handler: string
  readonly error: string | null
  readonly error_type: string | null
  readonly error_code?: string
  readonly error_hint?: string
  /** the place in a user's code that threw the error: a frame per line */
  readonly error_stack?: string
}

/** A file that a step of a run made, with its content. */
export type ArtifactContent = RunDocument['artifacts'][number] & { readonly bytes: Uint8Array }

/** A step of a run, or one of the steps of an iteration. */
export type StepDocument = {
  readonly id: string
  /** the operation of its tool, the action without a tool, or the kind of loop */
  readonly action: string
  readonly status: 'queued' | 'waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  /** whether it succeeded; null: it has not ended */
  readonly success: boolean | null
  /**
   * `{ result, success, error }`; if a model answered, also the model and the action; for a loop the fields of its kind, with such values
   * in them; `{ status, reason }` when its condition was false; `{ blob }` beyond 8 MiB in total; null without a result
   */
  readonly value: Json
  readonly error: string | null
  readonly error_type: string | null
  readonly tool: string | null
  /** the model that answered, if a model did the work */
  readonly model: string | null
  readonly provider: string | null
  /** of the last attempt, as is the duration; for a loop from its first step on */
  readonly started_at: string | null
  readonly completed_at: string | null
  readonly duration: number | null
  /** attempts after the first */
  readonly retries: number
  readonly timed_out: boolean
  /** the steps that ended before it started, declared or read */
  readonly dependencies: readonly string[]
  /** `condition_false`, `rejected`, `route`, `not_reached`, `aborted`, `dependency_skipped` */
  readonly skip_reason: string | null
  /** what it waits for: `signal:NAME` or `budget:SCOPE`; and the command that lets it continue */
  readonly waits_for?: string
  readonly to_go_on?: string
  /** the stable code of the error, and the remedy */
  readonly error_code?: string
  readonly error_hint?: string
  /** the place in a user's code that threw the error: a frame per line */
  readonly error_stack?: string
  /** the step whose route skipped it */
  readonly skipped_by?: string
  /** the models that answered for it, their usage, and why they were chosen */
  readonly models?: readonly ModelUse[]
  /** the idempotency key that its tool got */
  readonly idempotency_key?: string
  /** how its failure was handled */
  readonly handled?: string
  /** handlers and fallbacks that failed themselves, and why */
  readonly failed_handlers?: readonly FailedHandlerDocument[]
  /** the value comes from a substitute, and the error says why; or something is missing, and `lacks` says what */
  readonly degraded?: true
  /** what is missing, one sentence each */
  readonly lacks?: readonly string[]
  /** fields that its result has only in part: `antiphon show RUN STEP --whole FIELD` prints all of them */
  readonly whole?: readonly WholeText[]
  /** warnings of its tool about the result */
  readonly warnings?: readonly string[]
  /** the time of its next attempt */
  readonly retry_at?: string
  /** its result was reused from an earlier run, at no cost */
  readonly reused?: true
  /** whether its work was undone, and if not, why */
  readonly undone?: boolean
  readonly undo_error?: string
}

/** One step of a run, with its parameters, and with the messages and the reply of its model. Secrets are hidden. */
export type StepDetail = StepDocument & {
  /** the id of the run */
  readonly run: string
  /** the parameters of its tool or model; absent: not known (yet) */
  readonly parameters?: Json
  /** the messages of its model: rendered again from the records of the run, with files as they are now */
  readonly messages?: readonly ModelMessage[]
  /** the reply of its model */
  readonly reply?: string
  /** why the parameters or messages cannot be rendered again */
  readonly not_rendered?: string
}
