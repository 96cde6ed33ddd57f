import type * as Library from '@langchain/langgraph-checkpoint'
import { compareWritesSortKeys, maxChannelVersion, TASKS } from '@langchain/langgraph-checkpoint'
import type { ChannelVersion, CheckpointPlace, Checkpoints } from 'antiphon/extend'

export type GraphConfig = Parameters<Library.BaseCheckpointSaver['getTuple']>[0]

/** Values as texts: JSON, or a type with bytes. */
type Texts = {
  dump(value: unknown): Promise<string>
  load(text: string): Promise<unknown>
}

/** No JSON begins with letters and a colon. */
const OTHER_TYPE = /^([a-z]+):/

/** Writes values as texts with a serializer, and reads them. */
export const createTexts = (serde: Library.SerializerProtocol): Texts => ({
  async dump(value) {
    const [type, bytes] = await serde.dumpsTyped(value)
    return type === 'json' ? Buffer.from(bytes).toString() : `${type}:${Buffer.from(bytes).toString('base64')}`
  },
  async load(text) {
    const [start, type] = OTHER_TYPE.exec(text) ?? []
    if (start === undefined) return serde.loadsTyped('json', text)
    return serde.loadsTyped(type!, new Uint8Array(Buffer.from(text.slice(start.length), 'base64')))
  },
})

export const configOf = ({ thread, namespace, id }: CheckpointPlace): GraphConfig => ({
  configurable: { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: id },
})

/** Reads checkpoints with the values of their channels and their writes. */
export function createReader(
  checkpoints: Pick<Checkpoints, 'get' | 'values' | 'writes'>,
  { load }: Texts,
): (place: CheckpointPlace) => Promise<Library.CheckpointTuple | undefined> {
  async function valuesAt(place: CheckpointPlace, { channel_versions }: Pick<Library.Checkpoint, 'channel_versions'>) {
    const versions = Object.entries(channel_versions).map(
      ([channel, version]): ChannelVersion => ({ channel, version }),
    )
    const texts = await checkpoints.values(place, versions)
    const loaded = versions.map(async ({ channel }, at) =>
      texts[at] === undefined ? [] : [[channel, await load(texts[at])] as const],
    )
    return Object.fromEntries((await Promise.all(loaded)).flat())
  }

  async function writesAt(place: CheckpointPlace): Promise<Library.CheckpointPendingWrite[]> {
    const writes = await checkpoints.writes(place)
    const sorted = writes.toSorted((a, b) =>
      compareWritesSortKeys([a.path, a.task, a.index], [b.path, b.task, b.index]),
    )
    return Promise.all(
      sorted.map(
        async ({ task, channel, text }): Promise<Library.CheckpointPendingWrite> => [task, channel, await load(text)],
      ),
    )
  }

  /** Before version 4, what is sent to a task stood beside the parent. */
  async function addSends(checkpoint: Library.Checkpoint, parent: CheckpointPlace): Promise<void> {
    const sends = (await writesAt(parent)).filter(([, channel]) => channel === TASKS)
    const versions = Object.values(checkpoint.channel_versions)
    checkpoint.channel_values[TASKS] = sends.map(([, , value]) => value)
    checkpoint.channel_versions[TASKS] = versions.length > 0 ? maxChannelVersion(...versions) : 1
  }

  return async (place) => {
    const found = await checkpoints.get(place)
    if (!found) return undefined
    const rest = (await load(found.checkpoint)) as Omit<Library.Checkpoint, 'channel_values'>
    const checkpoint: Library.Checkpoint = { ...rest, channel_values: await valuesAt(place, rest) }
    const parent = found.parent === undefined ? undefined : { ...place, id: found.parent }
    if (checkpoint.v < 4 && parent) await addSends(checkpoint, parent)
    return {
      config: configOf(place),
      checkpoint,
      metadata: (await load(found.metadata)) as Library.CheckpointMetadata,
      pendingWrites: await writesAt(place),
      ...(parent && { parentConfig: configOf(parent) }),
    }
  }
}
