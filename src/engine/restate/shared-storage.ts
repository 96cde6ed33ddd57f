import { randomUUID } from 'node:crypto'
import { InvalidError } from '../../errors.ts'
import { sqlText } from './admin/mail.ts'
import type { RestateClient } from './client/client.ts'
import type { ServiceNames } from './names.ts'
import { rowKey } from './state/rows.ts'

/** Storage outside the server that all nodes of a namespace share. Markers `<namespace>.<id>` identify it. */
export interface Storage {
  /** its name for people */
  readonly name: string
  marks(): Promise<readonly string[]>
  /** Resolves when the mark is durable. A repeated mark changes nothing. */
  mark(name: string): Promise<void>
}

type Dependencies = {
  readonly client: Pick<RestateClient, 'query' | 'call'>
  readonly names: Pick<ServiceNames, 'directory'>
  readonly namespace: string
  readonly storage: Storage
}

/**
 * Throws an InvalidError of code `other_storage` if the nodes of this namespace share another storage, or if this
 * storage belongs to another namespace. Call it before the server learns of this node. Resolves with a function that
 * claims the storage if this is the first node; call it right after registration.
 */
export async function checkStorage(lent: Dependencies): Promise<() => Promise<void>> {
  const { namespace, storage } = lent
  const known = await keptMark(lent)
  // read only now: every node writes its mark before it claims the storage, also one that starts at the same time
  const marks = await storage.marks()
  const other = marks.find((mark) => !mark.startsWith(`${namespace}.`))
  if (other !== undefined) throw belongsToOther(storage, other)
  if (known === MOVED) throw hasMoved(namespace)
  if (known !== undefined && !marks.includes(known)) throw isNotShared(lent)
  const own = known ?? marks[0] ?? `${namespace}.${randomUUID()}`
  // written even if it exists, so that read-only storage is reported now
  await storage.mark(own)
  return async () => {
    if (known === undefined) await claim(lent, own)
  }
}

/** Stands in the place of a mark: no node may use this namespace any more. */
const MOVED = 'moved'

/** Marks the namespace as moved to another engine: later nodes are refused. Writing the mark needs a running node. */
export async function markMoved({ client, names }: Pick<Dependencies, 'client' | 'names'>): Promise<void> {
  const body = { key: CLAIMED.key, row: MOVED }
  const signal = AbortSignal.timeout(10_000)
  await client.call({ service: names.directory, key: CLAIMED.shard, handler: 'put', body, signal })
}

function hasMoved(namespace: string): InvalidError {
  return new InvalidError(`${namespace} was moved from this Restate server to another engine.`, {
    code: 'moved',
    hint: 'Its data is in the data folder of the `antiphon migrate` call. For a new application, choose another namespace.',
  })
}

/** The row of the directory that holds the mark of the storage. */
export const CLAIMED = { shard: 'storage', key: 'mark' }

// the query goes to the server, because without a node nothing else answers
async function keptMark({ client, names }: Dependencies): Promise<string | undefined> {
  const [row] = await client.query(
    `select value_utf8 as mark from state where service_name = ${sqlText(names.directory)}
       and service_key = ${sqlText(CLAIMED.shard)} and key = ${sqlText(rowKey(CLAIMED.key))}`,
  )
  return row && (JSON.parse(String(row.mark)) as string)
}

/** If several nodes start at the same time, one wins, and the others find its mark. */
async function claim(lent: Dependencies, own: string): Promise<void> {
  const call = { service: lent.names.directory, key: CLAIMED.shard, handler: 'claim' }
  const { body: claimed } = await lent.client.call({ ...call, body: { key: CLAIMED.key, row: own } })
  if (claimed !== own && !(await lent.storage.marks()).includes(claimed as string)) throw isNotShared(lent)
}

function isNotShared({ namespace, storage }: Dependencies): InvalidError {
  return new InvalidError(`${storage.name} is not the storage that the other nodes of ${namespace} share.`, {
    code: 'other_storage',
    hint: 'Name the same storage on every node: engine: { restate: { shared: … } }; or give this application a namespace of its own. If you move a storage, move its folder marks/ with it.',
  })
}

function belongsToOther({ name }: Storage, mark: string): InvalidError {
  return new InvalidError(`${name} is the storage of the namespace ${mark.slice(0, mark.indexOf('.'))}.`, {
    code: 'other_storage',
    hint: 'Give each application a folder or a prefix of its own: a sweep removes everything that its own namespace does not use.',
  })
}
