import type { ModelFit } from '../../model/choose/choose.ts'
import type { ModelSummary } from '../../runtime/ports/catalogue.ts'
import type { ToolDescription } from '../../tool/describe.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** What steps and questions can be done with on a server, as a client has it. */
export interface CatalogueClient {
  /** The tools that steps can use, by name and without their fields; or one, with all its operations: NotFoundError when there is none. */
  tools(name?: string): Promise<readonly ToolDescription[]>
  /** The models that may answer. */
  models(): Promise<readonly ModelSummary[]>
  /** Which model would be taken first, and why not the others, by needs in words. */
  judgeModels(needs: string): Promise<readonly ModelFit[]>
}

type Items<T> = { readonly items: readonly T[] }

/** The tools and models of a server. */
export function catalogueClient({ get }: Asking): CatalogueClient {
  return {
    tools: async (name) =>
      (await get<Items<ToolDescription>>(name === undefined ? '/tools' : pathTo('tools', name))).items,
    models: async () => (await get<Items<ModelSummary>>('/models')).items,
    judgeModels: async (needs) => (await get<Items<ModelFit>>(`/models/choice${queryOf({ needs })}`)).items,
  }
}
