import { InvalidError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { listAll } from '../../house/paging.ts'
import { type Json, parseExact } from '../../kernel/json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { LOCAL_OWNER, ownerFilter } from '../../lib/owner.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { CheckpointRecord, GraphThreadMessage, WriteRecord } from '../actor.ts'
import {
  CHECKPOINTS,
  checkpointPart,
  GRAPH_THREAD,
  latestPart,
  readCheckpointPart,
  readThreadKey,
  threadRef,
  valuePart,
  writePrefix,
} from '../actor.ts'
import { prefixOfWrite, unneededParts } from '../unneeded.ts'
import type { Checkpoints, CheckpointsPort, ReadCheckpoints } from './port.ts'

/** The needs of checkpoints: the store of values, and a value as it leaves, without secrets. */
export type CheckpointNeeds = { readonly bytes: Pick<Blobs, 'put' | 'get'>; shown<Value>(value: Value): Value }

type Stored = CheckpointRecord['checkpoint']

/** Characters of the values that one message carries; larger values are stored as blobs before it. */
const INLINE = { one: 4 * 1024, all: 128 * 1024 } as const
const MAX_THREAD_NAME = 200
/** Parts that one message removes. Later messages remove the rest. */
const MAX_DROPPED = 5000

export const openCheckpoints = (house: House & CheckpointNeeds): CheckpointsPort => ({
  of: (owner = LOCAL_OWNER, run) => checkpointsOf(house, owner, run),
})

function checkpointsOf(house: House & CheckpointNeeds, owner: string, run: string | undefined): Checkpoints {
  const { engine, bytes, checkOwner, shown } = house
  const { view } = engine
  const ofRun = run !== undefined && { run }
  const refOf = (thread: string) => threadRef(owner, checked(thread))
  const partOf = (thread: string, name: string) =>
    readSinglePart((ref, page) => view.parts(ref, page), refOf(thread), name)
  const read = async (one: Stored) => ('inline' in one ? one.inline : ((await bytes.get(one.blob)) as string))

  /** Stores texts so that their message stays small. */
  function store(texts: readonly string[]): Promise<readonly Stored[]> {
    const most = Math.min(INLINE.one, INLINE.all / texts.length)
    return Promise.all(
      texts.map(async (text) => (text.length <= most ? { inline: text } : { blob: await bytes.put(text) })),
    )
  }

  async function ask(thread: string, message: GraphThreadMessage): Promise<Json> {
    await checkOwner(owner)
    return engine.ask(refOf(thread), message as Json, run === undefined ? {} : { forTurn: true })
  }

  async function partsOf(thread: string): Promise<ReadonlyMap<string, Json>> {
    const parts = new Map<string, Json>()
    for await (const [name, part] of view.parts(refOf(thread))) parts.set(name, part)
    return parts
  }

  async function writesUnder(thread: string, prefix: string): Promise<readonly Json[]> {
    return Array.fromAsync(view.parts(refOf(thread), { prefix }), ([, part]) => part)
  }

  return {
    owner,
    ...reading({ find: partOf, under: writesUnder }, read),
    async put({ thread, namespace, id }, { parent, checkpoint, metadata, values }, keep) {
      const [ofCheckpoint, ofMetadata, ...ofValues] = await store([
        checkpoint,
        metadata,
        ...values.map((one) => shownText(one.text, shown)),
      ])
      const record = {
        ...(parent !== undefined && { parent }),
        checkpoint: ofCheckpoint!,
        metadata: ofMetadata!,
        ...(keep && { uses: keep.uses.map(({ channel, version }) => valuePart(namespace, channel, version)) }),
      }
      const parts = values.map(({ channel, version }, at) => [valuePart(namespace, channel, version), ofValues[at]!])
      const put = { type: 'put', ...ofRun, namespace, id, record, values: Object.fromEntries(parts) } as const
      const count = (await ask(thread, put)) as number
      if (!keep || count <= keep.count) return
      const names = unneededParts(await partsOf(thread), keep.count).slice(0, MAX_DROPPED)
      if (names.length > 0) await ask(thread, { type: 'drop', after: id, names })
    },
    async putWrites({ thread, namespace, id }, given) {
      const stored = await store(given.map(({ text }) => shownText(text, shown)))
      const writes = given.map(({ text: _, ...one }, at) => ({ ...one, value: stored[at]! }))
      await ask(thread, { type: 'write', ...ofRun, namespace, id, writes })
    },
    latest: async (thread, namespace) => (await partOf(thread, latestPart(namespace))) as string | undefined,
    async list(thread) {
      const places = await Array.fromAsync(view.parts(refOf(thread), { prefix: CHECKPOINTS }), ([name]) => ({
        thread,
        ...readCheckpointPart(name),
      }))
      return places.sort((a, b) => (a.id < b.id ? 1 : -1))
    },
    async *threads() {
      for await (const { key } of listAll(view, GRAPH_THREAD, ownerFilter(owner))) yield readThreadKey(key).thread
    },
    async snapshot(thread) {
      const parts = await partsOf(thread)
      const writes = Map.groupBy(parts, ([name]) => prefixOfWrite(name))
      const under = async (_: string, prefix: string) => (writes.get(prefix) ?? []).map(([, part]) => part)
      return reading({ find: async (_, name) => parts.get(name), under }, read)
    },
    remove: async (thread) => void (await ask(thread, { type: 'remove' })),
  }
}

/** Finds a part of a thread by its name, and the parts under a prefix. */
type Found = {
  find(thread: string, name: string): Promise<Json | undefined>
  under(thread: string, prefix: string): Promise<readonly Json[]>
}

const reading = ({ find, under }: Found, read: (one: Stored) => Promise<string>): ReadCheckpoints => ({
  async get({ thread, namespace, id }) {
    const record = (await find(thread, checkpointPart(namespace, id))) as CheckpointRecord | undefined
    if (!record) return undefined
    const { parent, checkpoint, metadata } = record
    const texts = { checkpoint: await read(checkpoint), metadata: await read(metadata) }
    return { ...texts, ...(parent !== undefined && { parent }) }
  },
  values: ({ thread, namespace }, versions) =>
    Promise.all(
      versions.map(async ({ channel, version }) => {
        const part = (await find(thread, valuePart(namespace, channel, version))) as Stored | undefined
        return part && read(part)
      }),
    ),
  async writes({ thread, namespace, id }) {
    const found = (await under(thread, writePrefix(namespace, id))) as readonly WriteRecord[]
    return Promise.all(found.map(async ({ value, ...one }) => ({ ...one, text: await read(value) })))
  },
})

/** A serialized value without secrets. Another library reads it; bytes, which are no JSON, stay as they are. */
function shownText(text: string, shown: CheckpointNeeds['shown']): string {
  if (shown(text) === text) return text
  return attempt(() => JSON.stringify(shown(parseExact(text))), text)
}

/** The name of a thread: it becomes the key of an actor. */
function checked(thread: string): string {
  if (typeof thread === 'string' && thread !== '' && thread.length <= MAX_THREAD_NAME && thread.isWellFormed())
    return thread
  throw new InvalidError(`Expected a thread_id of 1 to ${MAX_THREAD_NAME} characters.`, {
    place: { path: 'configurable.thread_id' },
  })
}
