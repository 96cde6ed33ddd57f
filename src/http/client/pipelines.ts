import type { Plan } from '../../pipeline/report/plan.ts'
import type {
  PipelineDocument,
  PipelineSummary,
  PipelinesPort,
  PipelineText,
  PutOptions,
  ValidateOptions,
  Verdict,
  WhichPipeline,
} from '../../runtime/ports/pipelines.ts'
import type { Uploaded } from '../schemas/pipeline.ts'
import type { PageQuery } from './pages.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** Pipelines of a server: the uploaded ones are those of the key's owner. A run of one starts with `runs.start({ pipeline })`. */
export interface PipelinesClient extends Pick<PipelinesPort, 'changes'> {
  /** Compiles a pipeline and reports all findings. It starts nothing. */
  validate(which: string | WhichPipeline, options?: ValidateOptions): Promise<Verdict>
  /** Describes what a run would do, and what earlier runs took. It starts nothing. */
  plan(which: string | WhichPipeline, options?: ValidateOptions): Promise<Plan>
  /** Stores a pipeline under a name, as the newest version. InvalidError `invalid_pipeline` when it does not compile. */
  put(
    name: string,
    source: Pick<PipelineText, 'text' | 'files'>,
    options?: Pick<PutOptions, 'strict'>,
  ): Promise<Uploaded>
  /** Lists uploaded pipelines, sorted by owner and name. */
  list(query?: PageQuery): Promise<readonly PipelineSummary[]>
  /** Reads the newest version, or the version with that hash. NotFoundError when there is none. */
  get(name: string, options?: { readonly version?: string }): Promise<PipelineDocument>
  /** Removes a pipeline with all its versions. Runs of it go on. NotFoundError when there is none. */
  remove(name: string): Promise<void>
}

/** The pipelines of a server. */
export function pipelinesClient({ get, post, put, remove }: Asking): PipelinesClient {
  const at = (name: string) => pathTo('pipelines', name)
  return {
    validate: (which, options = {}) => post('/pipelines/validate', { ...named(which), ...options }),
    plan: (which, options = {}) => post('/pipelines/plan', { ...named(which), ...options }),
    put: (name, { text, files }, options = {}) => put(at(name), { text, ...(files && { files }), ...options }),
    list: async (query = {}) => (await get<{ items: PipelineSummary[] }>(`/pipelines${queryOf(query)}`)).items,
    get: (name, options = {}) => get(`${at(name)}${queryOf(options)}`),
    remove: (name) => remove(at(name)),
    changes: (run) => get(pathTo('runs', run, 'changes')),
  }
}

const named = (which: string | WhichPipeline) => (typeof which === 'string' ? { file: which } : which)
