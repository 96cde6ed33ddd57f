import { addUsage } from '../../model/cost/usage.ts'
import { embedderInPool } from '../../model/embed/embed-in-pool.ts'
import type { Embedded } from '../../model/embed/provider-embedder.ts'
import type { Payer, Usage } from '../../model/request/request.ts'
import type { Priority } from '../../worker/pool/task.ts'
import { HANDS, type WorkPool } from '../../worker/work-pool.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices } from '../protocol/phase.ts'
import type { PhaseInput, Retrieval } from '../protocol/phase-types.ts'
import { type RetrieveOptions, readSources, retrieve, searchIn } from './sources.ts'

/** A question to the sources of an ask, and on whose behalf. */
export type Search = {
  readonly input: Pick<PhaseInput, 'sources' | 'outputs'>
  readonly question: string
  readonly signal: AbortSignal
  readonly key: string
  readonly share: string
  readonly priority: Priority
  readonly payer: Payer
}

/** What was found; `usage`: what it took of a model. */
export type Found = Retrieval & { readonly usage?: Usage }

type World = { readonly services: ChainServices; readonly pool: WorkPool; readonly limits: ChainLimits }

/**
 * What the sources hold on a question. What the embedder of this machine helps to find is the work of one pair of hands; a provider's is asked in
 * tasks of its own, once the files are read.
 */
export function search(world: World, asked: Search): Promise<Found> {
  return world.services.models.vectors ? searchByProvider(world, asked) : searchHere(world, asked)
}

function searchHere(world: World, asked: Search): Promise<Found> {
  const { embedder } = world.services
  return searchWith(embedder ? { embedder } : {}, world, asked)
}

/** What the sources hold on a question by its words alone, where nothing compares them by meaning. */
export function searchByWords(world: World, asked: Search): Promise<Found> {
  return searchWith({}, world, asked)
}

function searchWith(
  by: Pick<RetrieveOptions, 'embedder'>,
  { services, pool, limits }: World,
  { input, question, ...task }: Search,
): Promise<Found> {
  const options = { question, sources: input.sources, known: knownIn(input), share: task.share, ...by }
  return inHands(pool, task, (signal) => retrieve({ ...services, limits }, { ...options, signal }))
}

async function searchByProvider(
  { services, pool, limits }: World,
  { input, question, ...task }: Search,
): Promise<Found> {
  const { sources } = input
  const read = await inHands(pool, task, (signal) => readSources({ ...services, limits }, { sources, signal }))
  const usages: Usage[] = []
  const heard = ({ usage }: Embedded) => usages.push(usage)
  const embedder = embedderInPool(pool, services.models, { ...task, heard })
  const found = await searchIn(read, {
    question,
    known: knownIn(input),
    signal: task.signal,
    share: task.share,
    ...(embedder && { embedder }),
  })
  return { ...found, usage: addUsage(usages) }
}

const knownIn = ({ outputs }: Search['input']) => outputs['experience.vectors']?.hits ?? []

function inHands<T>(
  pool: WorkPool,
  { signal, key, share, priority }: Pick<Search, 'signal' | 'key' | 'share' | 'priority'>,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return pool.submit({ signal, key, share, priority, needs: HANDS, run })
}
