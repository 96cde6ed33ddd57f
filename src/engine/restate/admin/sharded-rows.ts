import type { Json } from '../../../kernel/json.ts'
import type { RestateClient } from '../client/client.ts'
import { shardsOf } from '../names.ts'
import { rowKey } from '../state/rows.ts'
import { sqlText } from './mail.ts'

/** Reads the rows of a kind from all shards, with one query to the server. */
interface Shards {
  read(kind: string, query?: RowsQuery): Promise<readonly ShardedRow[]>
}
/** Rows in the order of their keys: at most `limit`, after the key `after`. `with`: only rows with these texts. */
export type RowsQuery = { readonly after?: string; readonly limit?: number; readonly with?: readonly string[] }
export type ShardedRow = readonly [key: string, value: Json]

/** Partition keys by shard key. A partition key is a hash of the shard key, the same for every service and server. */
const partitions = new Map<string, string>()

/** The shards of a service that stores rows. */
export function openShards(client: RestateClient, service: string): Shards {
  /** With partition keys the server finds state without a full scan. Partition keys never change. */
  async function partitionOf(key: string): Promise<string> {
    const known = partitions.get(key)
    if (known !== undefined) return known
    const asked = String((await client.call({ service, key, handler: 'partition' })).body)
    partitions.set(key, asked)
    return asked
  }

  return {
    async read(kind, query = {}) {
      const rows = await client.query(
        selectRows(service, kind, await Promise.all(shardsOf(kind).map(partitionOf)), query),
      )
      return rows.map(({ key, value }) => [String(key).slice(rowKey('').length), JSON.parse(String(value)) as Json])
    },
  }
}

function selectRows(service: string, kind: string, partitions: readonly string[], query: RowsQuery): string {
  const { after, limit, with: texts = [] } = query
  return [
    'select key, value_utf8 as value from state',
    `where partition_key in (${partitions})`,
    `and service_name = ${sqlText(service)} and service_key in (${shardsOf(kind).map(sqlText)})`,
    ...(after === undefined ? [] : [`and key > ${sqlText(rowKey(after))}`]),
    ...texts.map((wanted) => `and strpos(value_utf8, ${sqlText(wanted)}) > 0`),
    'order by key',
    ...(limit === undefined ? [] : [`limit ${limit}`]),
  ].join(' ')
}
