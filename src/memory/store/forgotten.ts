import { createHmac } from 'node:crypto'
import { type ErasureReport, forgotten } from '../memory.ts'
import type { RecordSource } from '../record.ts'
import type { MemoryConnection } from './connection.ts'

/** The kind of a name that can be forgotten. */
type Scope = ErasureReport['by']

/** A keyed hash: without the key of the owner, a short text cannot be guessed from it. */
export function hasher(connection: MemoryConnection, owner: number): (scope: Scope, value: string) => string {
  const { key } = connection.first<{ readonly key: ArrayBuffer }>('select key from owner where number = ?', [owner])!
  const bytes = Buffer.from(key)
  return (scope, value) => createHmac('sha256', bytes).update(`${scope}\0${value}`).digest('base64url')
}

/** Notes that something is forgotten, so that a write which began earlier brings nothing back. */
export function noteForgotten(
  connection: MemoryConnection,
  owner: number,
  hashes: readonly string[],
  at: number,
): void {
  const sql = `insert into forgotten select ?, value, ? from json_each(?) where true
    on conflict do update set at = max(at, excluded.at)`
  for (let from = 0; from < hashes.length; from += NOTED_AT_ONCE)
    connection.run(sql, [owner, at, JSON.stringify(hashes.slice(from, from + NOTED_AT_ONCE))])
}

/** Hashes that one statement notes. */
const NOTED_AT_ONCE = 1000

type Written = {
  readonly id: string
  readonly space: string
  readonly kind: string
  readonly subject: string | undefined
  readonly source: Pick<RecordSource, 'ref' | 'madeOf'> | undefined
}

/**
 * The check of writes behind which the work began at `begunAt`; absent: it begins now, so nothing was forgotten since,
 * whatever the clock said then. It throws an error `forgotten`.
 */
export function forgottenSince(
  connection: MemoryConnection,
  owner: number,
  begunAt: number | undefined,
): (written: Written) => void {
  if (begunAt === undefined) return () => {}
  const isForgotten = isForgottenSince(connection, owner, begunAt)
  return (written) => {
    if (isForgotten(written)) throw forgotten()
  }
}

/** Whether a record or its origin was forgotten after a time. Notes after `until`, of a clock ahead, do not count. */
export function isForgottenSince(
  connection: MemoryConnection,
  owner: number,
  begunAt: number,
  until = Number.MAX_SAFE_INTEGER,
): (written: Written) => boolean {
  const newest = connection.first<{ readonly at: number | null }>('select max(at) at from forgotten where owner = ?', [
    owner,
  ])
  // a person who adds a text again has forgotten it before
  if ((newest?.at ?? Number.NEGATIVE_INFINITY) <= begunAt) return () => false
  const hashOf = hasher(connection, owner)
  return ({ id, space, kind, subject, source: { ref, madeOf: { records = [], files = [] } = {} } = {} }) => {
    const refs = ref === undefined ? files : [ref, ...files]
    const hashes = [
      ...[id, ...records].map((one) => hashOf('id', one)),
      hashOf('kind', kind),
      hashOf('all', ''),
      ...spacesAbove(space).map((path) => hashOf('space', path)),
      ...(subject === undefined ? [] : [hashOf('subject', subject)]),
      ...refs.flatMap((one) => sourcesAbove(one).map((above) => hashOf('source', above))),
    ]
    const sql = `select 1 from json_each(?) cross join forgotten f
      where f.owner = ? and f.hash = json_each.value and f.at > ? and f.at <= ?`
    return connection.first(sql, [JSON.stringify(hashes), owner, begunAt, until]) !== undefined
  }
}

/** A space and those that contain it: `a/b`, `a` and the root. */
function spacesAbove(space: string): readonly string[] {
  const parts = space === '' ? [] : space.split('/')
  return ['', ...parts.map((_, place) => parts.slice(0, place + 1).join('/'))]
}

/** A source and the folders that contain it, with and without a slash at their ends. */
function sourcesAbove(ref: string): readonly string[] {
  const ends = [...ref.matchAll(/\//g)].flatMap(({ index }) => [index, index + 1])
  return [...new Set([...ends.map((end) => ref.slice(0, end)), ref])]
}
