import type { DeadLetter } from '../../engine/engine.ts'
import type { Inspector } from '../../runtime/ports/inspector.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** What a client can see of another process's actors: the same as that process. */
export function inspectingClient({ get, post, follow }: Asking): Inspector {
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
    letters: async (wanted = {}) => (await get<Listed<'letters'>>(`/deadletters${queryOf(wanted)}`)).items,
    letter: (id) => get<DeadLetter>(letter(id)),
    retry: (id, signal) => post(`${letter(id)}/retry`, {}, signal),
    drop: (id) => post(`${letter(id)}/drop`, {}),
  }
}

type Listed<Name extends 'actors' | 'letters' | 'stranded' | 'tree'> = {
  readonly items: Awaited<ReturnType<Inspector[Name]>>
}
