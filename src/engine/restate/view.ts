import type { Json } from '../../kernel/json.ts'
import type { ActorIndex, ActorRef, Cell } from '../../kernel/types.ts'
import { type Bus, streamTopic } from '../bus.ts'
import type { ActorListQuery, EngineView } from '../engine.ts'
import type { Inspected } from '../inspect.ts'
import { selectListed } from '../select.ts'
import { openShards, type RowsQuery, type ShardedRow } from './admin/sharded-rows.ts'
import type { RestateClient } from './client/client.ts'
import { followEvents } from './follow.ts'
import { STATE_PAGE_SIZE } from './limits.ts'
import { objectKey, type ServiceNames } from './names.ts'
import { inspectActors } from './node/inspect.ts'
import type { PartsQuery } from './state/read.ts'

type Dependencies = {
  readonly kinds: readonly string[]
  readonly client: RestateClient
  readonly names: ServiceNames
  readonly deltas: Bus<Json>
  readonly changes: Bus<unknown>
  /** aborts when the engine has stopped: without a node the server answers no read, and the process would not end */
  readonly waiting: AbortSignal
}

/** Read operations through shared handlers, which run concurrently with turns on any node. */
export function restateView({ kinds, client, names, deltas, changes, waiting }: Dependencies): EngineView {
  const ask = async (of: ActorRef, handler: string, body?: unknown): Promise<Json> => {
    const read = { service: names.ofKind(of.kind), key: objectKey(of), handler, body, signal: waiting }
    return (await client.call(read)).body
  }
  const shards = openShards(client, names.directory)
  const look = async (of: ActorRef) => (await ask(of, 'inspect', of)) as Inspected | null
  return {
    peek: async (of) => ((await ask(of, 'cell')) as Cell | null)?.state,
    async asked(id) {
      const { body } = await client.call({ service: names.reply, key: id, handler: 'asked' })
      return (body as ActorRef | null) ?? undefined
    },
    async *parts(of, { prefix = '', after = '', limit = Number.POSITIVE_INFINITY, exact } = {}) {
      const about = { prefix, ...(exact && { exact }) }
      const read = (query: PartsPage) => ask(of, 'parts', { ...about, ...query } satisfies PartsQuery)
      yield* pages(read, after, limit)
    },
    async list(kind, query = {}) {
      const rows = await shards.read(kind, rowsQueryOf(query))
      return selectListed(
        rows.map(([key, index]) => ({ key, index: index as ActorIndex })),
        query,
      )
    },
    inspect: (query = {}) => inspectActors({ client, names, kinds, look }, query),
    events: (of, from) => followEvents((query) => ask(of, 'events', query), changes, of, from),
    deltas: (topic, signal) => streamTopic(deltas, topic, signal),
    isFollowed: deltas.hasListeners,
  }
}

/** Filters that the server can apply before `select`. */
function rowsQueryOf({ where = {}, after: behind, prefix, sort, descending, limit }: ActorListQuery): RowsQuery {
  // names with a prefix sort right after it
  const after = prefix !== undefined && (behind === undefined || behind < prefix) ? prefix : behind
  const fields = Object.entries(where).filter(([, value]) => value !== null)
  const isByKey = sort === undefined && !descending
  const isPage = isByKey && Object.keys(where).length === 0
  return {
    with: fields.map((field) => JSON.stringify(Object.fromEntries([field])).slice(1, -1)),
    ...(isByKey && after !== undefined && { after }),
    ...(isPage && limit !== undefined && { limit }),
  }
}

type PartsPage = Omit<PartsQuery, 'prefix'>

async function* pages(
  read: (query: PartsPage) => Promise<Json>,
  after: string,
  limit: number,
): AsyncGenerator<ShardedRow> {
  for (let last = after, left = limit; left > 0; ) {
    const wanted = Math.min(STATE_PAGE_SIZE, left)
    const page = (await read({ after: last, limit: wanted })) as readonly ShardedRow[]
    yield* page
    if (page.length < wanted) return
    last = page.at(-1)![0]
    left -= page.length
  }
}
