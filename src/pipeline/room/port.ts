import { encodeCursor, type ListQuery } from '../../house/paging.ts'
import type { Json } from '../../kernel/schema.ts'
import type { PipelineText, RunRequest, WhichPipeline } from '../../run/room/port.ts'
import type { Plan } from '../report/plan.ts'
import type { Changes, PipelineDocument, PipelineSummary, Verdict } from './documents.ts'

/** Pipelines: checks a file before it runs, and keeps uploaded pipelines under names. */
export interface PipelinesPort {
  /** Compiles a pipeline and reports all findings. It starts nothing. */
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  /**
   * Describes what a run would do, and the times and costs of earlier runs. Starts nothing. InvalidError if the
   * pipeline or an input is invalid.
   */
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  /**
   * Stores a pipeline under a name, as the newest version. A pipeline that does not compile is not stored; the verdict
   * then states why. InvalidError when the name is not valid.
   */
  put(name: string, source: PipelineText, options?: PutOptions): Promise<Upload>
  /** Lists uploaded pipelines, sorted by owner and name. */
  list(query?: ListQuery): Promise<readonly PipelineSummary[]>
  /** Reads the newest version, or the version with that hash. NotFoundError when there is none. */
  get(name: string, options?: { readonly owner?: string; readonly version?: string }): Promise<PipelineDocument>
  /** Removes a pipeline with all its versions. Its runs continue. NotFoundError when there is none. */
  remove(name: string, options?: { readonly owner?: string }): Promise<void>
  /** Compares the pipeline of a run with its present file. InvalidError if the file no longer compiles. */
  changes(run: string): Promise<Changes>
}

/**
 * The owner of a pipeline (default `local`), and whether unknown keys are errors. `trusted: false`: it came from the
 * network, and its runs call no tool of the program that is not open there.
 */
export type PutOptions = { readonly owner?: string; readonly strict?: boolean; readonly trusted?: boolean }
/** The result of an upload. `kept` if it compiled: the hash of its text, and whether it changed. */
export type Upload = Verdict & { readonly kept?: { readonly hash: string; readonly isNew: boolean } }

/** The context of a validation: the inputs of a run, and whether an unknown key is an error. */
export type ValidateOptions = {
  readonly inputs?: { readonly [name: string]: Json }
  readonly strict?: boolean
  /** the owner whose earlier runs are the basis of estimates; absent: `local` */
  readonly owner?: string
} & Pick<RunRequest, 'trusted' | 'offered'>

/** The cursor of a pipeline in a list. */
export const cursorOfPipeline = ({ owner, name }: Pick<PipelineSummary, 'owner' | 'name'>): string =>
  encodeCursor(undefined, `${owner}/${name}`)
