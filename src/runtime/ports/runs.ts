import type { NumberedEvent } from '../../engine/engine.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ExecutionStrategy } from '../../pipeline/language/parse/pipeline-spec.ts'
import type { ArtifactContent, RunDocument, StepDetail } from '../../pipeline/report/document.ts'
import { encodeCursor, type ListQuery } from './paging.ts'
import type { WhichPipeline } from './pipelines.ts'

/** Runs of pipelines. A run outlives the process that started it. */
export interface RunsPort {
  /** Starts a run. Resolves with its id once the run is durable. InvalidError when the pipeline or an input is wrong; then nothing starts. */
  start(request: RunRequest): Promise<{ readonly id: string }>
  /**
   * Starts a run that reuses the recorded results of another run. It repeats only the step `at`, the steps that `set` or another `file`
   * change, and the steps after these. Without any of them it is a replay. NotFoundError when there is no such run.
   */
  fork(run: string, request?: ForkRequest): Promise<{ readonly id: string }>
  /** Lists runs by their start, the newest first. */
  list(query?: RunsQuery): Promise<readonly RunSummary[]>
  /** Reads a run with its steps and outputs. NotFoundError when there is none. */
  get(id: string): Promise<RunDocument>
  /** Reads one step: its parameters, the messages of its model, and its reply. NotFoundError when the run has no such step. */
  step(run: string, id: string): Promise<StepDetail>
  /**
   * Reads the file that a step of a run made, as it is now, up to 16 MiB. The file must lie where the tools of the run may read.
   * NotFoundError when the step made no file, or the file is gone.
   */
  artifact(run: string, step: string, options?: { readonly signal?: AbortSignal }): Promise<ArtifactContent>
  /** Streams the durable events of a run after a number: first the recorded ones, then live, until `run-end` or the signal. */
  events(id: string, from?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<NumberedEvent>
  /** Cancels a run with its child runs. With `undo` the run first undoes its completed steps; InvalidError when the run is over then. */
  cancel(id: string, reason: string, options?: { readonly undo?: boolean }): Promise<void>
  /** Continues a run that an earlier process left. A question is continued by asking it again. NotFoundError when there is no such run. */
  resume(id: string): Promise<void>
  /**
   * Sends a signal to a run. Resolves with `taken`, or with `kept` when no step waits for that name yet. InvalidError when the step cannot
   * take the value, or the run is over. A signal with the same `id` is sent once.
   */
  signal(
    run: string,
    name: string,
    value: Json,
    options?: { readonly id?: string },
  ): Promise<{ readonly status: 'taken' | 'kept' }>
}

/** A run as a list shows it; times in ms since the epoch. */
export type RunSummary = {
  readonly id: string
  readonly owner: string
  readonly name: string
  readonly status: string
  readonly startedAt: number
  readonly finishedAt?: number
  /** of one below another: the run at the top */
  readonly root?: string
}

/** Which runs to list. */
export type RunsQuery = ListQuery & { readonly status?: string }

/** A pipeline and its inputs. The same `id` starts only one run. */
export type RunRequest = WhichPipeline & {
  /** whose run it is, and of those that it starts; absent: `local`. It sees and takes over what is that owner's only. */
  readonly owner?: string
  /** false: whoever asks is not of this machine. Paths among the inputs open nothing, and only what is open to all can be reached. */
  readonly trusted?: boolean
  readonly inputs?: { readonly [name: string]: Json }
  readonly id?: string
  /** an unknown key is an error */
  readonly strict?: boolean
  /** whether its steps run side by side; absent: what the pipeline says */
  readonly strategy?: ExecutionStrategy
  /** somebody follows it at a terminal, and may be asked there */
  readonly interactive?: boolean
  /** steps whose inputs have not changed since that run (true: the newest of this pipeline) take over what is recorded of them */
  readonly reuse?: boolean | string
  /** begins with that step: all before it is taken over, as it is recorded. InvalidError `not_recorded` when it is not. */
  readonly from?: string
  /** dollars that its calls of models may cost in all, those of the runs below it too: then it waits until that is raised */
  readonly budget?: number
}
/** The file of a run (of a text, what it is called), absent when there is none any more or the run is over, and the steps that are another there, or only in one of both. */
export type Changes = {
  readonly file?: string
  readonly steps: readonly string[]
  /** only the default model is another one: the steps are those it answered for */
  readonly model?: { readonly was: string; readonly is: string }
}
/** How a run is to differ from the one it is forked from; without a pipeline, it goes on with the one that run was started with. */
export type ForkRequest = WhichPipeline & {
  /** the step that is done anew: its id, of a loop's body with the loop's and a dot before it */
  readonly at?: string
  /** inputs */
  readonly set?: { readonly [name: string]: Json }
  /** false: as for a run; what comes of an untrusted run is none that is trusted */
  readonly trusted?: boolean
  /** who forks: of another's run there is none; absent: `local` */
  readonly owner?: string
  readonly id?: string
  readonly interactive?: boolean
  /** dollars that what it does anew may cost: as for a run */
  readonly budget?: number
}

/** The cursor behind a run in a list of runs, to be given as `after`. It stays valid when that run is removed. */
export const cursorOfRun = ({ startedAt, id }: Pick<RunSummary, 'startedAt' | 'id'>): string =>
  encodeCursor(startedAt, id)
