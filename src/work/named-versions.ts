import { z } from 'zod'
import type { Plain } from '../document.ts'
import { type Act, recordAct } from '../house/act.ts'
import { type By, by } from '../house/by.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Turn } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'

/** A document of an owner under a name: the hashes of its versions, newest last. Times are ms since the epoch. */
export type NamedVersions = {
  readonly owner?: string
  readonly createdAt: number
  readonly versions: readonly NamedVersion[]
}

/** One version, by the hash of its document in the value store. */
type NamedVersion = { readonly hash: string; readonly at: number }

const sender = (by as z.ZodType<By>).exactOptional()
const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('put'),
    hash: z.string().length(64),
    name: z.string(),
    owner: z.string().exactOptional(),
    about: z.string().exactOptional(),
    by: sender,
  }),
  z.object({ type: z.literal('remove'), by: sender }),
])

/** The operations on a stored document. The reply says whether anything changed. `about` is shown in lists. */
export type NamedVersionsMessage = Plain<typeof message>

/** The number of versions kept. Work keeps the version that it began with. */
const MAX_VERSIONS = 50

/** The address of a document. Each owner has names of their own. */
export const versionsRef = (kind: string, owner: string, name: string): ActorRef => ({ kind, key: `${owner}/${name}` })

/** `<kind>/<owner>/<name>`: a document with its versions. `noun`: its name in errors. `acts`: changes are recorded. */
export function namedVersionsActor(
  kind: string,
  noun: string,
  acts?: { readonly put: Act['what']; readonly removed: Act['what'] },
): Actor<NamedVersions | null, NamedVersionsMessage> {
  const missing = { code: 'not_found', name: 'NotFoundError', message: `the ${noun} does not exist`, terminal: true }
  return defineActor<NamedVersions | null, NamedVersionsMessage>({
    kind,
    message,
    initial: () => null,
    async receive(stored, asked, { now, self }) {
      const isRemoved = asked.type === 'remove'
      if (isRemoved && !stored) return { stop: true, refuse: missing }
      if (!isRemoved && stored?.versions.at(-1)?.hash === asked.hash) return { reply: false }
      const at = await now()
      const what = isRemoved ? acts?.removed : acts?.put
      const [owner = '', agent = ''] = self.key.split('/')
      const send = what && asked.by ? { send: [recordAct({ at, owner, what, by: asked.by, agent })] } : {}
      if (isRemoved) return { stop: true, reply: true, ...send }
      return {
        ...putVersion(stored ?? { ...ownerField(asked.owner), createdAt: at, versions: [] }, asked, at),
        ...send,
      }
    },
  })
}

function putVersion(
  stored: NamedVersions,
  { name, hash, about }: NamedVersionsMessage & { readonly type: 'put' },
  at: number,
): Turn<NamedVersions> {
  const { owner, createdAt, versions } = stored
  const shown = { ...ownerField(owner), ...(about !== undefined && { about }) }
  const index = { name, ...shown, hash, createdAt, updatedAt: at }
  return { state: { ...stored, versions: [...versions, { hash, at }].slice(-MAX_VERSIONS) }, index, reply: true }
}
