import { otherFormat } from '../../store/database/create-tables.ts'
import { STORED_FORMAT } from '../../store/stored-format.ts'
import { sqlText } from './admin/mail.ts'
import type { RestateClient } from './client/client.ts'
import type { ServiceNames } from './names.ts'
import { CLAIMED } from './shared-storage.ts'
import { rowKey } from './state/rows.ts'

type Dependencies = {
  readonly client: Pick<RestateClient, 'query' | 'call'>
  readonly names: Pick<ServiceNames, 'directory'>
  readonly namespace: string
}

const FORMAT_ROW = 'format'

/**
 * Throws an InvalidError if the data of this namespace has another format. Call it before the server learns of this
 * node; runs in flight are not touched. Resolves with a function that claims the namespace if this is the first node.
 * Call that function right after registration, and before the storage is claimed.
 */
export async function checkFormat(lent: Dependencies): Promise<() => Promise<void>> {
  const { namespace } = lent
  const rows = await readRows(lent)
  const found = rows.get(rowKey(FORMAT_ROW))
  const isInUse = rows.has(rowKey(CLAIMED.key))
  if (found === undefined ? isInUse : found !== STORED_FORMAT) throw refused(namespace, Number(found ?? 0))
  return async () => {
    if (found === undefined) await claim(lent)
  }
}

const refused = (namespace: string, found: number) =>
  otherFormat(`The data of ${namespace} on the Restate server`, found, STORED_FORMAT, 'namespace')

// the query goes to the server, because without a node nothing else answers
async function readRows({ client, names }: Dependencies): Promise<ReadonlyMap<string, unknown>> {
  const rows = await client.query(
    `select key, value_utf8 as value from state where service_name = ${sqlText(names.directory)}
       and service_key = ${sqlText(CLAIMED.shard)}`,
  )
  return new Map(rows.map(({ key, value }) => [String(key), JSON.parse(String(value))]))
}

async function claim({ client, names, namespace }: Dependencies): Promise<void> {
  const call = { service: names.directory, key: CLAIMED.shard, handler: 'claim' }
  const body = { key: FORMAT_ROW, row: STORED_FORMAT, over: null }
  const { body: stored } = await client.call({ ...call, body })
  if (stored !== STORED_FORMAT) throw refused(namespace, Number(stored))
}
