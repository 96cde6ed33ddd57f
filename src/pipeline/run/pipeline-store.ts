import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'

/** A pipeline under a name: the hashes of its texts as they were put, the newest last; times in ms since the epoch. */
export type Shelf = {
  readonly owner?: string
  readonly createdAt: number
  readonly versions: readonly Version[]
}
/** A text as it was put, by its hash in the value store. */
export type Version = { readonly hash: string; readonly at: number }

/** What may be asked of it; both are answered with whether something changed. */
export type ShelfMessage =
  | { readonly type: 'put'; readonly hash: string; readonly name: string; readonly owner?: string }
  | { readonly type: 'remove' }

const message: z.ZodType<ShelfMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('put'),
    hash: z.string().length(64),
    name: z.string(),
    owner: z.string().exactOptional(),
  }),
  z.object({ type: z.literal('remove') }),
])

/** Versions that are kept; runs keep what they were started with. */
const MOST = 50

/** `pipeline/<owner>/<name>`: a pipeline that was uploaded, in its versions. */
export function shelfActor(): Actor<Shelf | null, ShelfMessage> {
  return defineActor<Shelf | null, ShelfMessage>({
    kind: 'pipeline',
    message,
    initial: () => null,
    async receive(shelf, asked, { now }) {
      if (asked.type === 'remove') return shelf ? { stop: true, reply: true } : { stop: true, refuse: MISSING }
      if (shelf?.versions.at(-1)?.hash === asked.hash) return { reply: false }
      const at = await now()
      return kept(shelf ?? { ...ownerField(asked.owner), createdAt: at, versions: [] }, asked, at)
    },
  })
}

function kept(shelf: Shelf, { name, hash }: ShelfMessage & { readonly type: 'put' }, at: number): Turn<Shelf> {
  const { owner, createdAt, versions } = shelf
  const index = { name, ...ownerField(owner), hash, createdAt, updatedAt: at }
  return { state: { ...shelf, versions: [...versions, { hash, at }].slice(-MOST) }, index, reply: true }
}

const MISSING: Problem = {
  code: 'not_found',
  name: 'NotFoundError',
  message: 'there is no such pipeline',
  terminal: true,
}
