import type { Json } from '../../kernel/schema.ts'
import type { ExecutionStrategy } from '../../pipeline/language/parse/pipeline-spec.ts'
import { encodeCursor, type ListQuery } from './paging.ts'
import type { WhichPipeline } from './pipelines.ts'

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

/** What to run: a pipeline and its inputs; the same `id` starts one run only. */
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
