import { InvalidError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { listAll } from '../../house/paging.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import { parseExact } from '../../lib/json/exact.ts'
import { LOCAL_OWNER, ownerFilter } from '../../lib/owner.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import {
  CHECKPOINTS,
  type CheckpointRecord,
  checkpointPart,
  GRAPH_THREAD,
  type GraphThreadMessage,
  latestPart,
  readCheckpointPart,
  readThreadKey,
  threadRef,
  valuePart,
  type WriteRecord,
  writePrefix,
} from '../actor.ts'
import type { CheckpointPlace, Checkpoints, CheckpointsPort } from './port.ts'

/** The needs of checkpoints: the store of values, and a value as it leaves, without secrets. */
export type CheckpointNeeds = { readonly bytes: Pick<Blobs, 'put' | 'get'>; shown<Value>(value: Value): Value }

type Stored = CheckpointRecord['checkpoint']

/** Characters of the values that one message carries; larger values are stored as blobs before it. */
const INLINE = { one: 4 * 1024, all: 128 * 1024 } as const
const MAX_THREAD_NAME = 200

/** The port of checkpoints. */
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

  async function ask(thread: string, message: GraphThreadMessage): Promise<void> {
    await checkOwner(owner)
    await engine.ask(refOf(thread), message as Json, run === undefined ? {} : { forTurn: true })
  }

  return {
    owner,
    async put({ thread, namespace, id }, { parent, checkpoint, metadata, values }) {
      const [ofCheckpoint, ofMetadata, ...ofValues] = await store([
        checkpoint,
        metadata,
        ...values.map((one) => shownText(one.text, shown)),
      ])
      const record = {
        ...(parent !== undefined && { parent }),
        checkpoint: ofCheckpoint!,
        metadata: ofMetadata!,
      }
      const parts = values.map(({ channel, version }, at) => [valuePart(namespace, channel, version), ofValues[at]!])
      await ask(thread, { type: 'put', ...ofRun, namespace, id, record, values: Object.fromEntries(parts) })
    },
    async putWrites({ thread, namespace, id }, given) {
      const stored = await store(given.map(({ text }) => shownText(text, shown)))
      const writes = given.map(({ text: _, ...one }, at) => ({ ...one, value: stored[at]! }))
      await ask(thread, { type: 'write', ...ofRun, namespace, id, writes })
    },
    async get({ thread, namespace, id }) {
      const record = (await partOf(thread, checkpointPart(namespace, id))) as CheckpointRecord | undefined
      if (!record) return undefined
      const { parent, checkpoint, metadata } = record
      const texts = { checkpoint: await read(checkpoint), metadata: await read(metadata) }
      return { ...texts, ...(parent !== undefined && { parent }) }
    },
    values: ({ thread, namespace }, versions) =>
      Promise.all(
        versions.map(async ({ channel, version }) => {
          const part = (await partOf(thread, valuePart(namespace, channel, version))) as Stored | undefined
          return part && read(part)
        }),
      ),
    async writes({ thread, namespace, id }) {
      const found: WriteRecord[] = []
      for await (const [, part] of view.parts(refOf(thread), { prefix: writePrefix(namespace, id) }))
        found.push(part as WriteRecord)
      return Promise.all(found.map(async ({ value, ...one }) => ({ ...one, text: await read(value) })))
    },
    latest: async (thread, namespace) => (await partOf(thread, latestPart(namespace))) as string | undefined,
    async list(thread) {
      const places: CheckpointPlace[] = []
      for await (const [name] of view.parts(refOf(thread), { prefix: CHECKPOINTS }))
        places.push({ thread, ...readCheckpointPart(name) })
      return places.sort((a, b) => (a.id < b.id ? 1 : -1))
    },
    async *threads() {
      for await (const { key } of listAll(view, GRAPH_THREAD, ownerFilter(owner))) yield readThreadKey(key).thread
    },
    remove: (thread) => ask(thread, { type: 'remove' }),
  }
}

/** A serialized value without secrets. Another library reads it; bytes, which are no JSON, stay as they are. */
function shownText(text: string, shown: CheckpointNeeds['shown']): string {
  if (shown(text) === text) return text
  try {
    return JSON.stringify(shown(parseExact(text)))
  } catch {
    return text
  }
}

/** The name of a thread: it becomes the key of an actor. */
function checked(thread: string): string {
  if (typeof thread === 'string' && thread !== '' && thread.length <= MAX_THREAD_NAME && thread.isWellFormed())
    return thread
  throw new InvalidError(`Expected a thread_id of 1 to ${MAX_THREAD_NAME} characters.`, {
    place: { path: 'configurable.thread_id' },
  })
}
