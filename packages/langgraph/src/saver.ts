import type * as Library from '@langchain/langgraph-checkpoint'
import { BaseCheckpointSaver, getCheckpointId, WRITES_IDX_MAP } from '@langchain/langgraph-checkpoint'
import type { CheckpointPlace, Checkpoints, NewCheckpoint } from 'antiphon/extend'
import { InvalidError, inTime, TimeoutError } from 'antiphon/extend'
import { checkValue } from './check-value.ts'
import { configOf, createReader, createTexts, type GraphConfig } from './read-tuple.ts'

/** A checkpointer of LangGraph that keeps the threads of one owner here. */
export interface GraphCheckpointer extends Library.BaseCheckpointSaver {
  readonly owner: string
  /** Resolves when a checkpoint is durable. TimeoutError when nothing stores it. */
  stored(place: CheckpointPlace): Promise<void>
}

/** How long a checkpoint may take from the start of its tasks to the disk. */
const STORED_WITHIN_MS = 30_000

/** Makes a checkpointer over the checkpoints of an owner. `keep`: the newest checkpoints that stay; absent: all. */
export function createSaver(checkpoints: Checkpoints, keep?: number): GraphCheckpointer {
  class Saver extends BaseCheckpointSaver {
    readonly owner = checkpoints.owner
    readonly #waiting = new Map<string, PromiseWithResolvers<void>>()
    readonly #texts = createTexts(this.serde)
    readonly #read = createReader(checkpoints, this.#texts)

    async getTuple(config: GraphConfig): Promise<Library.CheckpointTuple | undefined> {
      const { thread, namespace = '' } = placeIn(config)
      if (thread === undefined) return undefined
      const id = getCheckpointId(config) || (await checkpoints.latest(thread, namespace))
      return id === undefined ? undefined : this.#read({ thread, namespace, id })
    }

    async *list(config: GraphConfig, { limit = Number.POSITIVE_INFINITY, before, filter = {} }: ListOptions = {}) {
      const { thread, namespace, id } = placeIn(config)
      const end = before && getCheckpointId(before)
      let left = limit
      for await (const one of thread === undefined ? checkpoints.threads() : [thread]) {
        // a short list reads less than the thread has
        const from = left === Number.POSITIVE_INFINITY ? await checkpoints.snapshot(one) : checkpoints
        const read = createReader(from, this.#texts)
        for (const place of await checkpoints.list(one)) {
          if (left <= 0) return
          if (namespace !== undefined && place.namespace !== namespace) continue
          if ((id && place.id !== id) || (end && place.id >= end)) continue
          const tuple = await read(place)
          if (!tuple || !matches(tuple.metadata ?? {}, filter)) continue
          left--
          yield tuple
        }
      }
    }

    async put(
      config: GraphConfig,
      checkpoint: Library.Checkpoint,
      metadata: Library.CheckpointMetadata,
      newVersions: Library.ChannelVersions,
    ): Promise<GraphConfig> {
      const { thread, namespace = '', id: parent } = placeIn(config)
      const place = { thread: required(thread, 'thread_id'), namespace, id: checkpoint.id }
      const { channel_values: values, ...rest } = checkpoint
      const changed = Object.entries(newVersions).filter(([channel]) => values[channel] !== undefined)
      const texts = changed.map(async ([channel, version]) => {
        checkValue(channel, values[channel])
        return { channel, version, text: await this.#texts.dump(values[channel]) }
      })
      const stored: NewCheckpoint = {
        ...(parent && { parent }),
        checkpoint: await this.#texts.dump(rest),
        metadata: await this.#texts.dump(metadata),
        values: await Promise.all(texts),
      }
      const uses = Object.entries(rest.channel_versions).map(([channel, version]) => ({ channel, version }))
      const isKept = keep !== undefined && !readsAncestors(metadata)
      await checkpoints.put(place, stored, isKept ? { count: keep, uses } : undefined)
      this.#waiting.get(keyOf(place))?.resolve()
      return configOf(place)
    }

    async putWrites(config: GraphConfig, writes: Library.PendingWrite[], task: string, path = ''): Promise<void> {
      const { thread, namespace = '', id } = placeIn(config)
      const place = { thread: required(thread, 'thread_id'), namespace, id: required(id, 'checkpoint_id') }
      const texts = writes.map(async ([channel, value], at) => {
        checkValue(channel, value)
        return { path, task, index: WRITES_IDX_MAP[channel] ?? at, channel, text: await this.#texts.dump(value) }
      })
      await checkpoints.putWrites(place, await Promise.all(texts))
    }

    deleteThread(thread: string): Promise<void> {
      return checkpoints.remove(thread)
    }

    async stored(place: CheckpointPlace): Promise<void> {
      const key = keyOf(place)
      const waiting = this.#waiting.get(key) ?? Promise.withResolvers<void>()
      this.#waiting.set(key, waiting)
      try {
        if (await checkpoints.get(place)) return
        await inTime(waiting.promise, STORED_WITHIN_MS, notStored)
      } finally {
        this.#waiting.delete(key)
      }
    }
  }
  return new Saver()
}

/** Whether a channel of the graph is made from the writes of all its ancestors. */
const readsAncestors = (metadata: object) =>
  'delta_writes_versioned' in metadata || 'counters_since_delta_snapshot' in metadata

type ListOptions = Library.CheckpointListOptions

/** The place that a configuration names, as far as it does. */
function placeIn({ configurable = {} }: GraphConfig) {
  const { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: id } = configurable
  return { thread, namespace, id } as {
    readonly thread: string | undefined
    readonly namespace: string | undefined
    readonly id: string | undefined
  }
}

const keyOf = ({ thread, namespace, id }: CheckpointPlace) => JSON.stringify([thread, namespace, id])

const matches = (metadata: object, filter: { readonly [key: string]: unknown }) =>
  Object.entries(filter).every(([key, value]) => (metadata as typeof filter)[key] === value)

function required(value: string | undefined, name: string): string {
  if (value) return value
  throw new InvalidError(`The graph was called without a ${name}.`, {
    place: { path: `configurable.${name}` },
    hint: "Call it with { configurable: { thread_id: 'a name' } }.",
  })
}

function notStored(): TimeoutError {
  return new TimeoutError('The checkpoint of the node is not stored, so a kill would repeat its run.', {
    hint: "Call the graph with { durability: 'sync' } or 'async', and not with 'exit'.",
  })
}
