import type { Json } from '../../kernel/schema.ts'
import type { ModelMessage } from '../../model/request/messages.ts'
import type { Artifact } from '../plan/artifact.ts'
import type { ModelUse } from '../plan/model-use.ts'

/**
 * A run as it is told: the same from the command line, over HTTP and from `run` and `runPipeline`, whether the run completed, failed, was
 * called off or goes on. Keys without a question mark always stand there, `null` where there is nothing to say (yet); the others
 * only where they say something. Times are ISO-8601 in UTC, durations seconds.
 */
export type RunDocument = {
  /** the pipeline's `id` */
  readonly pipeline_id: string
  /** the run's id */
  readonly execution_id: string
  /** `waiting`: nothing of it goes on until a person, a signal, money or a timer lets it; an interrupted run is `running` */
  readonly status: 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'
  /** whether it completed and every failure was dealt with; null: it is not over */
  readonly success: boolean | null
  /** by id, in the author's order; of loops the steps of each iteration as `<loop>_<index>_<id>` */
  readonly steps: { readonly [id: string]: StepDocument }
  /** by name; empty as long as they are not told */
  readonly outputs: { readonly [name: string]: Json }
  /** the steps of the graph, those of one level in the author's order */
  readonly execution_order: readonly string[]
  /** the same by level: those of one have all they wait for in earlier ones */
  readonly execution_levels: readonly (readonly string[])[]
  readonly started_at: string
  readonly completed_at: string | null
  readonly duration: number | null
  /** why it failed or was cancelled */
  readonly error: string | null
  /** the kind of that: `ToolError`, `TimeoutError`, `CancelledError`… */
  readonly error_type: string | null
  /** the files its steps said they make */
  readonly artifacts: readonly (Artifact & { readonly step: string })[]
  /** the stable code of the error, and what to do about it */
  readonly error_code?: string
  readonly error_hint?: string
  /** where in a user's code the error was thrown: a frame per line */
  readonly error_stack?: string
  /** the step whose failure it was */
  readonly failed_step?: string
  /** what people call the pipeline */
  readonly name: string
  /** the hash of the pipeline as it was compiled: runs of the same one have the same */
  readonly pipeline_hash: string
  /** how many steps ended how, those of loops counted */
  readonly counts: { readonly done: number; readonly failed: number; readonly skipped: number }
  /** what models took for its steps, without its questions to threads and the runs below it: tokens, and dollars where prices are known */
  readonly usage?: { readonly input: number; readonly output: number; readonly cost?: number }
  /** something stood in for a step that failed */
  readonly degraded?: true
  /** outputs that could not be told */
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
  /** where in a user's code the error was thrown: a frame per line */
  readonly error_stack?: string
}

/** A file that a step of a run made, and what is in it. */
export type ArtifactContent = RunDocument['artifacts'][number] & { readonly bytes: Uint8Array }

/** A step of a run, or one of the steps of an iteration. */
export type StepDocument = {
  readonly id: string
  /** the operation of its tool, the action that needs none, or the kind of loop */
  readonly action: string
  readonly status: 'queued' | 'waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  /** whether it did what it was to do; null: it has not ended */
  readonly success: boolean | null
  /**
   * `{ result, success, error }`, where a model answered also who and what kind; of a loop what its kind tells, with such values in it;
   * `{ status, reason }` when its condition did not hold; `{ blob }` past 8 MiB in all; null when it came to nothing.
   */
  readonly value: Json
  readonly error: string | null
  readonly error_type: string | null
  readonly tool: string | null
  /** who answered, where a model did the step */
  readonly model: string | null
  readonly provider: string | null
  /** of the last attempt, as is the duration; of a loop from its first step on */
  readonly started_at: string | null
  readonly completed_at: string | null
  readonly duration: number | null
  /** attempts after the first */
  readonly retries: number
  readonly timed_out: boolean
  /** the steps that ended before it started, declared or read */
  readonly dependencies: readonly string[]
  /** `condition_false`, `route`, `not_reached`, `aborted`, `dependency_skipped` */
  readonly skip_reason: string | null
  /** what it waits for: `signal:NAME`, or of money `budget:SCOPE`; and the command by which it goes on */
  readonly waits_for?: string
  readonly to_go_on?: string
  /** the stable code of the error, and what to do about it */
  readonly error_code?: string
  readonly error_hint?: string
  /** where in a user's code the error was thrown: a frame per line */
  readonly error_stack?: string
  /** the step whose route passed over it */
  readonly skipped_by?: string
  /** the models that answered for it, what they took and why they were asked */
  readonly models?: readonly ModelUse[]
  /** what its tool was given to do the same thing once only */
  readonly idempotency_key?: string
  /** what was done about its failure */
  readonly handled?: string
  /** handlers and fallbacks that were to, and why they failed themselves */
  readonly failed_handlers?: readonly FailedHandlerDocument[]
  /** the value is that of something that stood in for it; the error says why */
  readonly degraded?: true
  /** when its next attempt is due */
  readonly retry_at?: string
  /** it was taken over from an earlier run, at no cost */
  readonly reused?: true
  /** whether what it did was undone, and why not */
  readonly undone?: boolean
  readonly undo_error?: string
}

/** One step of a run, with what it was called with and what its model was told and replied. Secrets are hidden. */
export type StepDetail = StepDocument & {
  /** the id of the run */
  readonly run: string
  /** what its tool or model was called with; absent: it is not known (yet) */
  readonly parameters?: Json
  /** what its model got: rendered again from what the run recorded, with files as they are now */
  readonly messages?: readonly ModelMessage[]
  /** what its model replied */
  readonly reply?: string
  /** why the parameters or messages cannot be rendered again */
  readonly not_rendered?: string
}
