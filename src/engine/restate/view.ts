import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Cell, Index } from '../../kernel/types.ts'
import { type Bus, listenTo } from '../bus.ts'
import type { Inspected, View } from '../engine.ts'
import { select } from '../select.ts'
import type { Client } from './client.ts'
import { followEvents } from './follow.ts'
import { inspectActors } from './inspect.ts'
import { keyFrom, keyOf, type Names, shardsOf } from './names.ts'
import type { PartsQuery } from './read.ts'
import type { RowsQuery } from './rows.ts'

type Lent = {
  readonly kinds: readonly string[]
  readonly client: Client
  readonly names: Names
  readonly deltas: Bus<Json>
  readonly happened: Bus<unknown>
}

/** Reads through handlers that run beside turns, on whatever node. */
export function restateView({ kinds, client, names, deltas, happened }: Lent): View {
  const ask = async (of: ActorRef, handler: string, body?: unknown): Promise<Json> => {
    const { body: answer } = await client.call({ service: names.ofKind(of.kind), key: keyOf(of), handler, body })
    return answer
  }
  const look = async (of: ActorRef) => (await ask(of, 'inspect', of)) as unknown as Inspected | null
  return {
    peek: async (of) => ((await ask(of, 'cell')) as Cell | null)?.state,
    async *parts(of, { prefix = '', after = '', limit = Number.POSITIVE_INFINITY } = {}) {
      const read = (query: RowsQuery) => ask(of, 'parts', { prefix, ...query } satisfies PartsQuery)
      yield* pages(read, after, limit)
    },
    async list(kind, query) {
      const rows = await readShards(client, names.directory, kind)
      return select(
        rows.map(([key, index]) => ({ key: keyFrom(key), index: index as Index })),
        query,
      )
    },
    inspect: (query = {}) => inspectActors({ client, names, kinds, look }, query),
    events: (of, from) => followEvents((query) => ask(of, 'events', query), happened, of, from),
    deltas: (correlationId, signal) => listenTo(deltas, correlationId, signal),
  }
}

type Row = readonly [key: string, value: Json]

/** All rows of a kind, whatever shard they are on. */
export async function readShards(client: Client, service: string, kind: string): Promise<readonly Row[]> {
  const shards = await Promise.all(shardsOf(kind).map((key) => readShard(client, service, key)))
  return shards.flat()
}

async function readShard(client: Client, service: string, key: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  const read = async (body: RowsQuery) => (await client.call({ service, key, handler: 'page', body })).body
  for await (const row of pages(read, '', Number.POSITIVE_INFINITY)) rows.push(row)
  return rows
}

const PAGE = 100

async function* pages(read: (query: RowsQuery) => Promise<Json>, after: string, limit: number): AsyncGenerator<Row> {
  for (let last = after, left = limit; left > 0; ) {
    const wanted = Math.min(PAGE, left)
    const page = (await read({ after: last, limit: wanted })) as unknown as readonly Row[]
    yield* page
    if (page.length < wanted) return
    last = page.at(-1)![0]
    left -= page.length
  }
}
