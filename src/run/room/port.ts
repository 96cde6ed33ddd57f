import type { NumberedEvent } from '../../engine/engine.ts'
import type { From } from '../../house/describe.ts'
import { byStart, type ListQuery, type PageQuery } from '../../house/paging.ts'
import type { Json } from '../../kernel/json.ts'
import type { Priority } from '../../lib/priority.ts'
import type { Settlement } from '../../step/messages/settlement.ts'
import type { ArtifactContent, RunDocument, StepDetail, StepRow } from '../document.ts'
import type { RunEvent } from '../event.ts'
import type { WhenRequest } from '../later/terms.ts'
import type { ExecutionStrategy } from '../run.ts'
import type { RunCounts, RunSummary, StartedRun } from './documents.ts'
import type { RunSource } from './source.ts'

/** Runs of pipelines and workflows. A run outlives the process that started it. */
export interface RunsPort {
  /**
   * Starts a run, at once or later. Resolves with its id once the run is durable, and with the compiler's warnings.
   * InvalidError when the pipeline or an input is wrong, and `id_taken` when the id belongs to a run of other content:
   * nothing starts. `queue_busy` when its key is busy, and the request says `reject`.
   */
  start(request: RunRequest): Promise<StartedRun>
  /**
   * Starts a run that reuses the recorded results of another run. It repeats only the
   * step `at`, the steps that `set` or another `file` change, and the steps after
   * these. Without any of them it is a replay. NotFoundError when there is no such run.
   */
  fork(run: string, request?: ForkRequest): Promise<{ readonly id: string; readonly joined?: true }>
  /** Lists runs by their start, the newest first. */
  list(query?: RunsQuery): Promise<readonly RunSummary[]>
  /** Counts runs by status: all, or those of one owner. */
  counts(query?: RunCountsQuery): Promise<RunCounts>
  /** Reads a run with its steps and outputs. NotFoundError when there is none. */
  get(id: string): Promise<RunDocument>
  /** Lists the steps of a run without their results, in the order of the author. NotFoundError when there is no run. */
  steps(run: string, query?: PageQuery): Promise<readonly StepRow[]>
  /** Reads a step: its parameters, its model's messages and reply. NotFoundError when the run has no such step. */
  step(run: string, id: string): Promise<StepDetail>
  /** Reads all of a field that a step's result has only in part (`whole` of the step). NotFoundError without one. */
  whole(run: string, step: string, field: string): Promise<{ readonly text: string }>
  /**
   * Reads what a run was started from: the text of its pipeline with the lines of its steps, or the operations of its
   * workflow. NotFoundError when there is no such run.
   */
  source(run: string): Promise<RunSource>
  /**
   * Writes a run as one HTML file without a script. The first hundred steps and those that failed have their parameters
   * and prompts. NotFoundError when there is no such run.
   */
  page(run: string): Promise<string>
  /**
   * Reads the current content of a file that a step wrote, up to 16 MiB, from folders that the
   * tools of the run may read.
   * @throws NotFoundError if the step wrote no file, or the file is gone
   */
  artifact(run: string, step: string, options?: { readonly signal?: AbortSignal }): Promise<ArtifactContent>
  /** Streams the durable events of a run after a number, recorded ones and then live, until `run-end` or the signal. */
  events(id: string, from?: From): AsyncIterable<NumberedEvent<RunEvent>>
  /** Cancels a run with its child runs. `undo`: it first undoes its completed steps. InvalidError if it has ended. */
  cancel(id: string, reason: string, options?: { readonly undo?: boolean }): Promise<void>
  /** Continues a run that an earlier process left; a question is asked again. NotFoundError if there is no such run. */
  resume(id: string): Promise<void>
  /**
   * Sends a signal to a run. Resolves with `taken`, with `kept` when no step waits for that name yet, or with `late`
   * when the step has taken another answer. InvalidError when the step cannot take the value, or the run is over. A
   * signal with the same `id` is sent once. `answers: false`: the sender may not answer for a person, and
   * `machine: false`: not for a machine. Error `scope_missing` when the step asks one; a signal that is kept never
   * answers a question. `by`: the person for whom a program answers.
   */
  signal(
    run: string,
    name: string,
    value: Json,
    options?: { readonly id?: string; readonly answers?: false; readonly machine?: false; readonly by?: string },
  ): Promise<{ readonly status: 'taken' | 'kept' | 'late' }>
  /**
   * Settles the at-most-once call of a step whose outcome is unknown. `late`: somebody else settled it first.
   * InvalidError `not_waiting` when the step does not wait for that. A request with the same `id` settles once.
   */
  settle(
    run: string,
    step: string,
    settlement: Settlement,
    options?: { readonly id?: string; readonly by?: string },
  ): Promise<{ readonly status: 'taken' | 'late' }>
}

/** Which runs to list. */
export type RunsQuery = ListQuery &
  RunFilter & {
    readonly status?: string
    /** with progress, cost, first error, and why the run stands still */
    readonly details?: Flag
  }

/** Which runs to count. */
export type RunCountsQuery = Pick<RunsQuery, 'owner' | 'since' | 'until' | 'top'>

/** Conditions of a list of runs. Times in ms since the epoch. */
export type RunFilter = {
  readonly owner?: string
  readonly name?: string
  /** a part of the id, the name, the error or the inputs (of their first 2000 characters), in any case */
  readonly text?: string
  /** the code of the error of a failed run */
  readonly error?: string
  /** dollars that its models have taken at least */
  readonly cost?: number
  readonly since?: number
  readonly until?: number
  /** no child runs */
  readonly top?: Flag
  /** only open runs whose code does not fit */
  readonly waits?: 'code'
}

/** A query of HTTP has words. */
type Flag = boolean | 'true' | 'false'
export const isSet = (flag: Flag | undefined) => flag === true || flag === 'true'

/** A pipeline as text. It may include or run the texts in `files` (by relative path), and no file of this machine. */
export type PipelineText = {
  readonly text: string
  /** its name in findings; absent: `pipeline.yaml` */
  readonly name?: string
  readonly files?: { readonly [path: string]: string }
}
/** One of: a file of this machine, a text, the name of an uploaded pipeline. */
export type WhichPipeline = { readonly file?: string; readonly source?: PipelineText; readonly pipeline?: string }

/** Whether a request names a pipeline. */
export const isNamed = ({ file, source, pipeline }: WhichPipeline): boolean =>
  [file, source, pipeline].some((one) => one !== undefined)

/** A pipeline, and when its run begins: at once, after `delay`, at `startAt`, or when `queue` has room for its key. */
type Beginnable = WhichPipeline & WhenRequest

/** A pipeline with its inputs, or a workflow with its input. The same `id` starts one run; other content is refused. */
export type RunRequest = Beginnable & {
  /** the name of a workflow of the program, instead of a pipeline; `input` is checked by its schema */
  readonly workflow?: string
  readonly input?: Json
  /** the owner of the run and its child runs; absent: `local`. The run sees and reuses only data of this owner. */
  readonly owner?: string
  /**
   * false: the caller is remote. Paths in inputs open no files, only public resources are accessible, and a text of the
   * caller calls no tool of the program that is not open to the network.
   */
  readonly trusted?: boolean
  /** true: the operator offers this text or this tool to remote callers, so it counts as part of the program */
  readonly offered?: boolean
  /** the agents that a text from the network may name in its steps; absent: all */
  readonly agents?: readonly string[]
  readonly inputs?: { readonly [name: string]: Json }
  readonly id?: string
  /** an unknown key is an error */
  readonly strict?: boolean
  /** whether steps run in parallel; absent: the setting of the pipeline */
  readonly strategy?: ExecutionStrategy
  /** how urgent its work is; absent: as its pipeline says, else normal. A step may say otherwise. */
  readonly priority?: Priority
  /** a terminal follows the run, so that steps may ask there */
  readonly interactive?: boolean
  /** reuse steps whose inputs have not changed since that run (true: the newest of this pipeline) */
  readonly reuse?: boolean | string
  /** start with this step and reuse all earlier ones. InvalidError `not_recorded` if that is impossible. */
  readonly from?: string
  /** dollars for all model calls, including child runs; at the limit the run waits */
  readonly budget?: number
  /** JSON of at most 16 KiB for the tools of the run and of all work below it; no model sees it */
  readonly context?: Json
}
/** How a fork differs from its source run. Without a pipeline, it uses the pipeline of the source run. */
export type ForkRequest = Beginnable & {
  /** the step to repeat: its id; for a step in a loop the id of the loop, a dot and its id */
  readonly at?: string
  /** inputs */
  readonly set?: { readonly [name: string]: Json }
  /** false: an untrusted caller, as for a run; a fork of an untrusted run is untrusted, too */
  readonly trusted?: boolean
  /** the agents that a text from the network may name in its steps; absent: those of the run */
  readonly agents?: readonly string[]
  /** the owner of both runs; a run of another owner is not found; absent: `local` */
  readonly owner?: string
  readonly id?: string
  readonly interactive?: boolean
  /** absent: that of its source */
  readonly priority?: Priority
  /** dollars for newly executed steps, as for a run */
  readonly budget?: number
}

/** The cursor of a run in a list, for `after`. It stays valid when that run is removed. */
export const cursorOfRun = byStart
