import { z } from 'zod'
import { InvalidError, problemOf } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Turn } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'

export const GRAPH_THREAD = 'graph-thread'

/** The checkpoints of a thread, over all namespaces. */
const MAX_CHECKPOINTS = 10_000

/** A stored value: its text, or the hash of its blob. */
const stored = z.union([z.object({ inline: z.string() }), z.object({ blob: z.string() })])

const checkpoint = z.object({
  parent: z.string().exactOptional(),
  /** the checkpoint without the values of its channels */
  checkpoint: stored,
  metadata: stored,
  /** the names of the values that it uses, where older checkpoints are removed */
  uses: z.array(z.string()).exactOptional(),
})
export type CheckpointRecord = Readonly<z.infer<typeof checkpoint>>

const write = z.object({ path: z.string(), task: z.string(), index: z.int(), channel: z.string(), value: stored })
/** A write of a task that belongs to a checkpoint. */
export type WriteRecord = Readonly<z.infer<typeof write>>

const about = { run: z.string().exactOptional(), namespace: z.string(), id: z.string().min(1) }
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('put'), ...about, record: checkpoint, values: z.record(z.string(), stored) }),
  z.object({ type: z.literal('write'), ...about, writes: z.array(write) }),
  z.object({ type: z.literal('drop'), after: z.string(), names: z.array(z.string()) }),
  z.object({ type: z.literal('remove') }),
])

/**
 * Messages to the thread of a graph. `values`: by the names of their parts. `run`: the thread ends with it. `after`:
 * the checkpoint that was put last when the parts to drop were chosen; a later one may need them.
 */
export type GraphThreadMessage = z.infer<typeof message>
type Put = Extract<GraphThreadMessage, { readonly type: 'put' }>
type Drop = Extract<GraphThreadMessage, { readonly type: 'drop' }>
type Write = Extract<GraphThreadMessage, { readonly type: 'write' }>

type GraphThreadState = { readonly checkpoints: number; readonly last?: string }

/** The names of parts; the id of a checkpoint comes last, so they are in the order of time. */
export const checkpointPart = (namespace: string, id: string) => `${CHECKPOINTS}${escaped(namespace)}/${escaped(id)}`
export const latestPart = (namespace: string) => `latest/${escaped(namespace)}`
export const valuePart = (namespace: string, channel: string, version: string | number) =>
  `value/${escaped(namespace)}/${escaped(channel)}/${typeof version}:${version}`
export const writePrefix = (namespace: string, id: string) => `write/${escaped(namespace)}/${escaped(id)}/`
export const CHECKPOINTS = 'checkpoint/'
const escaped = encodeURIComponent

export function readCheckpointPart(name: string): { readonly namespace: string; readonly id: string } {
  const [namespace, id] = name.slice(CHECKPOINTS.length).split('/') as [string, string]
  return { namespace: decodeURIComponent(namespace), id: decodeURIComponent(id) }
}

export const threadRef = (owner: string, thread: string): ActorRef => ({
  kind: GRAPH_THREAD,
  key: `${owner}:${escaped(thread)}`,
})

/** The owner and the name of a thread by the key of its actor: an escaped name has no colon. */
export function readThreadKey(key: string): { readonly owner: string; readonly thread: string } {
  const colon = key.lastIndexOf(':')
  return { owner: key.slice(0, colon), thread: decodeURIComponent(key.slice(colon + 1)) }
}

/**
 * `graph-thread/OWNER:THREAD`: the checkpoints of one thread of a graph, the values of its channels by their versions,
 * and the writes of tasks. A checkpoint that is put again replaces itself; of a write, the first one counts.
 */
export function graphThreadActor(): Actor<GraphThreadState, GraphThreadMessage> {
  return defineActor<GraphThreadState, GraphThreadMessage>({
    kind: GRAPH_THREAD,
    message,
    initial: () => ({ checkpoints: 0 }),
    async receive(state, asked, effects) {
      if (asked.type === 'remove') return { reply: null, stop: true }
      if (asked.type === 'drop') return asked.after === state.last ? drop(state, asked) : { reply: null }
      const turn = asked.type === 'put' ? await put(state, asked, effects) : await addWrites(asked, effects)
      if ('refuse' in turn) return turn
      const { owner } = readThreadKey(effects.self.key)
      const run = asked.run !== undefined && { run: asked.run }
      return { ...turn, index: { ...ownerField(owner), ...run, updatedAt: effects.message.createdAt } }
    },
  })
}

async function put(
  { checkpoints }: GraphThreadState,
  { namespace, id, record, values }: Put,
  { part }: Effects,
): Promise<Turn<GraphThreadState>> {
  const name = checkpointPart(namespace, id)
  const count = (await part(name)) === undefined ? checkpoints + 1 : checkpoints
  if (count > MAX_CHECKPOINTS) return { refuse: problemOf(threadFull()), ...(checkpoints === 0 && { stop: true }) }
  const latest = (await part(latestPart(namespace))) as string | undefined
  const isNewest = latest === undefined || id > latest
  return {
    state: { checkpoints: count, last: id },
    parts: { ...values, [name]: record, ...(isNewest && { [latestPart(namespace)]: id }) },
    reply: count,
  }
}

function drop(state: GraphThreadState, { names }: Pick<Drop, 'names'>): Turn<GraphThreadState> {
  const gone = names.filter((name) => name.startsWith(CHECKPOINTS)).length
  const parts = Object.fromEntries(names.map((name) => [name, null]))
  return { state: { ...state, checkpoints: state.checkpoints - gone }, parts, reply: null }
}

/** A write with a negative index, such as an error, replaces an earlier one. */
async function addWrites({ namespace, id, writes }: Write, { part }: Effects): Promise<Turn<GraphThreadState>> {
  const parts: { [name: string]: Json } = {}
  for (const one of writes) {
    const name = `${writePrefix(namespace, id)}${escaped(one.task)}/${one.index}`
    if (one.index < 0 || (await part(name)) === undefined) parts[name] = one
  }
  return { parts, reply: null }
}

function threadFull(): InvalidError {
  return new InvalidError(`The thread has ${MAX_CHECKPOINTS} checkpoints, which is the most.`, {
    code: 'thread_full',
    hint: 'Go on in a new thread, with the state of this one as its input; `deleteThread` removes this one. With `keep` of the checkpointer, old checkpoints go as new ones come.',
  })
}
