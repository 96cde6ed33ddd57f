import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'

/** A pipeline stored under a name: the hashes of its versions, newest last. Times are ms since the epoch. */
export type StoredPipeline = {
  readonly owner?: string
  readonly createdAt: number
  readonly versions: readonly PipelineVersion[]
}
/** One uploaded version, by the hash of its text in the value store. */
type PipelineVersion = { readonly hash: string; readonly at: number }

/** The operations on a stored pipeline. The reply says whether anything changed. */
export type PipelineStoreMessage =
  | { readonly type: 'put'; readonly hash: string; readonly name: string; readonly owner?: string }
  | { readonly type: 'remove' }

const message: z.ZodType<PipelineStoreMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('put'),
    hash: z.string().length(64),
    name: z.string(),
    owner: z.string().exactOptional(),
  }),
  z.object({ type: z.literal('remove') }),
])

/** The number of versions kept. A run keeps the one it was started with. */
const MAX_VERSIONS = 50

/** `pipeline/<owner>/<name>`: an uploaded pipeline and its versions. */
export function pipelineStoreActor(): Actor<StoredPipeline | null, PipelineStoreMessage> {
  return defineActor<StoredPipeline | null, PipelineStoreMessage>({
    kind: 'pipeline',
    message,
    initial: () => null,
    async receive(stored, asked, { now }) {
      if (asked.type === 'remove')
        return stored ? { stop: true, reply: true } : { stop: true, refuse: NO_SUCH_PIPELINE }
      if (stored?.versions.at(-1)?.hash === asked.hash) return { reply: false }
      const at = await now()
      return putVersion(stored ?? { ...ownerField(asked.owner), createdAt: at, versions: [] }, asked, at)
    },
  })
}

function putVersion(
  stored: StoredPipeline,
  { name, hash }: PipelineStoreMessage & { readonly type: 'put' },
  at: number,
): Turn<StoredPipeline> {
  const { owner, createdAt, versions } = stored
  const index = { name, ...ownerField(owner), hash, createdAt, updatedAt: at }
  return { state: { ...stored, versions: [...versions, { hash, at }].slice(-MAX_VERSIONS) }, index, reply: true }
}

const NO_SUCH_PIPELINE: Problem = {
  code: 'not_found',
  name: 'NotFoundError',
  message: 'the pipeline does not exist',
  terminal: true,
}
