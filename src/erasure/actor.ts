/**
 * The erasure of an owner: everything that the data folder holds of it. The actor records how far the erasure is, so
 * it continues after a kill. `room/` finds and removes the data.
 */

import { z } from 'zod'
import { recordAct } from '../house/act.ts'
import { type By, by } from '../house/by.ts'
import { EVERY_OWNER } from '../house/scope.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Turn } from '../kernel/types.ts'

/** The record of an erasure. `owner` stays until all of it is removed, `key` until it is done. Times: epoch ms. */
export type ErasureState = {
  readonly at: number
  readonly owner?: string
  /** keys the hashes of the names of removed actors */
  readonly key?: string
  readonly removed: Counts
  /** how many parts with such hashes there are */
  readonly parts: number
  readonly endedAt?: number
}

type Counts = { readonly [place: string]: number }

const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('begin'),
    owner: z.string(),
    key: z.string(),
    by: (by as z.ZodType<By>).exactOptional(),
  }),
  /** before actors are removed: the hashes of their names */
  z.object({
    type: z.literal('note'),
    place: z.string().exactOptional(),
    count: z.number(),
    hashes: z.array(z.string()),
  }),
  z.object({ type: z.literal('count'), removed: z.record(z.string(), z.number()) }),
  /** everything of the owner is removed: only deleted bytes are left */
  z.object({ type: z.literal('removed') }),
  z.object({ type: z.literal('end') }),
])
type ErasureMessage = z.infer<typeof message>

export const ERASURE = 'erasure'

/** All work of erasures has this correlation id. */
export const ERASURES = 'erasures'

const hashesPart = (n: number) => `hashes/${n}`

/** `erasure/<id>`: how far an erasure is. The report of one that is done contains no name. */
export function erasureActor(): Actor<ErasureState | null, ErasureMessage> {
  return defineActor<ErasureState | null, ErasureMessage>({
    kind: ERASURE,
    message,
    initial: () => null,
    async receive(state, asked, { self, message: { createdAt } }) {
      if (asked.type === 'begin') {
        const { owner, key, by } = asked
        if (state) return { reply: null }
        // the act names the erasure and not the owner, and stays
        const act = { at: createdAt, owner: EVERY_OWNER, what: 'owner-erased', target: self.key } as const
        const begun = recorded({ at: createdAt, owner, key, removed: {}, parts: 0 })
        return by ? { ...begun, send: [recordAct({ ...act, by })] } : begun
      }
      if (!state || state.endedAt !== undefined) return { reply: null }
      if (asked.type === 'end') return ended(state, createdAt)
      if (asked.type === 'removed') return recorded(withoutOwner(state))
      if (asked.type === 'count') return recorded({ ...state, removed: highest(state.removed, asked.removed) })
      const { place, count, hashes } = asked
      const removed = place === undefined ? state.removed : added(state.removed, place, count)
      const parts = state.parts + 1
      return { ...recorded({ ...state, removed, parts }), parts: { [hashesPart(parts)]: hashes } }
    },
  })
}

const added = (counts: Counts, place: string, count: number): Counts => ({
  ...counts,
  [place]: (counts[place] ?? 0) + count,
})

/** After a kill the same place is counted again, and less is left. */
const highest = (one: Counts, other: Counts): Counts => {
  const places = Object.entries(other).map(([place, count]) => [place, Math.max(count, one[place] ?? 0)])
  return { ...one, ...Object.fromEntries(places) }
}

const recorded = (state: ErasureState): Turn<ErasureState> => ({
  state,
  index: { status: state.endedAt === undefined ? 'pending' : 'done', at: state.at },
  reply: null,
})

const withoutOwner = ({ owner: _, ...rest }: ErasureState): ErasureState => rest

function ended({ owner: _, key: __, ...rest }: ErasureState, endedAt: number): Turn<ErasureState> {
  const hashes = Array.from({ length: rest.parts }, (_, n) => [hashesPart(n + 1), null])
  return { ...recorded({ ...rest, parts: 0, endedAt }), parts: Object.fromEntries(hashes) }
}
