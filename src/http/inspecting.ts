import type { DeadLetter } from '../engine/engine.ts'
import type { Inspector } from '../runtime.ts'
import type { From, Happening } from './client.ts'

/** How a client asks. */
export type Exchange = {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object, signal?: AbortSignal): Promise<T>
  follow(path: string, from?: From): AsyncIterable<Happening>
  query(fields: { readonly [name: string]: string | number | undefined }): string
}

/** What a client can see of another process's actors: the same as that process. */
export function inspectingClient({ get, post, follow, query }: Exchange): Inspector {
  const actor = (ref: string) => `/actors/${encodeURIComponent(ref)}`
  const letter = (id: string) => `/deadletters/${encodeURIComponent(id)}`
  return {
    actors: async (wanted = {}) => (await get<Listed<'actors'>>(`/actors${query(wanted)}`)).items,
    actor: (ref) => get(actor(ref)),
    async *tail(ref, from) {
      for await (const { n = 0, body } of follow(`${actor(ref)}/events`, from)) yield { n, body }
    },
    why: (ref) => get(`${actor(ref)}/why`),
    tree: async (ref) => (await get<Listed<'tree'>>(`/tree${query({ ref })}`)).items,
    stranded: async () => (await get<Listed<'stranded'>>('/stranded')).items,
    letters: async (wanted = {}) => (await get<Listed<'letters'>>(`/deadletters${query(wanted)}`)).items,
    letter: (id) => get<DeadLetter>(letter(id)),
    retry: (id, signal) => post(`${letter(id)}/retry`, {}, signal),
    drop: (id) => post(`${letter(id)}/drop`, {}),
  }
}

type Listed<Name extends 'actors' | 'letters' | 'stranded' | 'tree'> = {
  readonly items: Awaited<ReturnType<Inspector[Name]>>
}
