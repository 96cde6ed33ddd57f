import { is } from '../../errors.ts'
import { sumUsage } from '../../model/cost/usage.ts'
import { embedderInPool } from '../../model/embed/embed-in-pool.ts'
import type { Embeddings } from '../../model/embed/embedder.ts'
import type { Usage } from '../../model/request/request.ts'
import type { PhaseInput, Retrieval } from '../../thread/protocol/phase-types.ts'
import { inHands, type PaidOptions } from '../../work/payer.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { withAges } from '../checks/ages.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices, LookOptions } from '../protocol/phase.ts'
import { type RetrieveOptions, readTexts, retrieve, searchSourceTexts } from './sources.ts'

/** A question to the sources of an ask, and its payer. */
export type SourceSearch = {
  readonly input: Pick<PhaseInput, 'sources' | 'memory' | 'priors' | 'outputs' | 'ofDomain' | 'checks'>
  readonly question: string
} & LookOptions &
  PaidOptions

export type SearchResult = Retrieval & { readonly usage?: Usage }

type SearchScope = { readonly services: ChainServices; readonly pool: WorkPool; readonly limits: ChainLimits }

/**
 * Searches the sources. A search with the embedder of this machine is one task of the pool; a provider's is asked in
 * tasks of its own, once the files are read.
 */
export async function searchSources(scope: SearchScope, asked: SourceSearch): Promise<SearchResult> {
  const { models, embedder } = scope.services
  const by = embedder ? { embedder } : {}
  // calls of models are tasks of their own, so recordings are heard before anything is read
  const unheard = await hearSources(scope, asked)
  const found = await (models.vectors ? searchByProvider(scope, asked) : searchWith(by, scope, asked))
  return aged(scope, asked, unheard.length === 0 ? found : { ...found, lacks: [...unheard, ...(found.lacks ?? [])] })
}

/** Has the recordings and films of a question transcribed. Sentences about those of which no speech is known. */
async function hearSources({ services, pool }: SearchScope, asked: SourceSearch): Promise<readonly string[]> {
  const { task } = parted(asked)
  const unheard: string[] = []
  for (const { stored } of asked.input.sources) {
    if (!stored || !/^(?:audio|video)\//.test(stored.type)) continue
    const { owner, ...file } = stored
    try {
      await services.hear?.(file, owner, { pool, task })
    } catch (error) {
      if (mustPropagate(error) || !is(error)) throw error
      unheard.push(`speech in ${file.name} was not read: ${error.message}`)
    }
  }
  return unheard
}

export async function searchByWords(scope: SearchScope, asked: SourceSearch): Promise<SearchResult> {
  return aged(scope, asked, await searchWith({}, scope, asked))
}

async function aged({ services }: SearchScope, { input }: SourceSearch, found: SearchResult): Promise<SearchResult> {
  return { ...found, hits: await withAges(found.hits, input, services) }
}

function searchWith(
  by: Pick<RetrieveOptions, 'embedder'>,
  { services, pool, limits }: SearchScope,
  asked: SourceSearch,
): Promise<SearchResult> {
  const { search, task } = parted(asked)
  return inHands(pool, task, (signal) => retrieve({ ...services, limits }, { ...search, ...by, signal }))
}

async function searchByProvider({ services, pool, limits }: SearchScope, asked: SourceSearch): Promise<SearchResult> {
  const { search, task } = parted(asked)
  const { signal } = task
  const read = await inHands(pool, task, (signal) => readTexts({ ...services, limits }, { ...search, signal }))
  const usages: Usage[] = []
  const heard = ({ usage }: Embeddings) => usages.push(usage)
  const embedder = embedderInPool(pool, services.models, { ...task, heard })
  const found = await searchSourceTexts(read, { ...search, signal, ...(embedder && { embedder }) })
  return { ...found, usage: sumUsage(usages) }
}

/** The search, and its tasks in the pool. */
function parted({ input, question, parts, places, step, probed, ...task }: SourceSearch) {
  const { sources, memory, priors, outputs, ofDomain } = input
  const terms = ofDomain?.terms && { terms: ofDomain.terms }
  const known = outputs['experience.vectors']?.hits ?? []
  return {
    task,
    search: {
      question,
      parts,
      places,
      step,
      ...(probed && { probed }),
      ...terms,
      sources,
      memory,
      priors,
      known,
      share: task.share,
    },
  }
}
