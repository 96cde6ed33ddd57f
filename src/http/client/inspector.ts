import type { DeadLetter } from '../../engine/engine.ts'
import type { Inspector, LetterSummary } from '../../runtime/ports/inspector.ts'
import type { PoolsDocument } from '../../runtime/ports/maintenance.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** The inspector of another process. What models write is told between the events of a run or a question. */
export interface InspectorClient extends Omit<Inspector, 'deltas' | 'pools' | 'metrics'> {
  pools(): Promise<PoolsDocument>
  /** What was counted, as Prometheus reads it. */
  metrics(): Promise<string>
}

/** What a client can see of another process's actors: the same as that process. */
export function inspectorClient({ get, post, follow, text }: Asking): InspectorClient {
  const actor = (ref: string) => pathTo('actors', ref)
  const letter = (id: string) => pathTo('deadletters', id)
  return {
    actors: async (wanted = {}) => (await get<Listed<'actors'>>(`/actors${queryOf(wanted)}`)).items,
    actor: (ref) => get(actor(ref)),
    async *tail(ref, from) {
      for await (const { n = 0, body } of follow(`${actor(ref)}/events`, from)) yield { n, body }
    },
    why: (ref) => get(`${actor(ref)}/why`),
    tree: async (ref) => (await get<Listed<'tree'>>(`/tree${queryOf({ ref })}`)).items,
    stranded: async () => (await get<Listed<'stranded'>>('/stranded')).items,
    pools: () => get('/pools'),
    metrics: () => text('/metrics'),
    deadLetters: {
      list: async (wanted = {}) => (await get<{ items: LetterSummary[] }>(`/deadletters${queryOf(wanted)}`)).items,
      get: (id) => get<DeadLetter>(letter(id)),
      retry: (id, signal) => post(`${letter(id)}/retry`, {}, signal),
      drop: (id) => post(`${letter(id)}/drop`, {}),
    },
  }
}

type Listed<Name extends 'actors' | 'stranded' | 'tree'> = {
  readonly items: Awaited<ReturnType<Inspector[Name]>>
}
