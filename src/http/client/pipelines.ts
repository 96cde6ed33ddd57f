import type { PipelineDocument, PipelineSummary, PipelineText, PutOptions } from '../../runtime/ports/pipelines.ts'
import type { Uploaded } from '../schemas/pipeline.ts'
import type { PageQuery } from './pages.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** Pipelines under names, as a client has them: those of the key's owner. A run of one is started by `startRun({ pipeline })`. */
export interface Uploads {
  /** Keeps a pipeline under a name, as a version beside those before; InvalidError `invalid_pipeline` where it does not compile. */
  putPipeline(
    name: string,
    source: Pick<PipelineText, 'text' | 'files'>,
    options?: Pick<PutOptions, 'strict'>,
  ): Promise<Uploaded>
  /** What was uploaded, by owner and name. */
  pipelines(query?: PageQuery): Promise<readonly PipelineSummary[]>
  /** The newest version, or the one of that hash; NotFoundError when there is none. */
  getPipeline(name: string, options?: { readonly version?: string }): Promise<PipelineDocument>
  /** Runs that were started with it go on. NotFoundError when there is none. */
  removePipeline(name: string): Promise<void>
}

export function uploadsClient({ get, put, remove }: Asking): Uploads {
  const at = (name: string) => pathTo('pipelines', name)
  return {
    putPipeline: (name, { text, files }, options = {}) => put(at(name), { text, ...(files && { files }), ...options }),
    pipelines: async (query = {}) => (await get<{ items: PipelineSummary[] }>(`/pipelines${queryOf(query)}`)).items,
    getPipeline: (name, options = {}) => get(`${at(name)}${queryOf(options)}`),
    removePipeline: (name) => remove(at(name)),
  }
}
