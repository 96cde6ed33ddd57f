import { createHmac } from 'node:crypto'
import { TerminalError } from '../../errors.ts'
import type { ErasureReport } from '../memory.ts'
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
export function noteForgotten(connection: MemoryConnection, owner: number, hashes: Iterable<string>, at: number): void {
  const sql = `insert into forgotten values(?, ?, ?)
    on conflict do update set at = max(at, excluded.at)`
  for (const hash of hashes) connection.run(sql, [owner, hash, at])
}

type Written = {
  readonly id: string
  readonly space: string
  readonly kind: string
  readonly subject: string | undefined
  readonly source: string | undefined
}

/** @throws an error `forgotten` for a record that was forgotten at `begunAt` or later */
export function checkNotForgotten(
  connection: MemoryConnection,
  owner: number,
  { id, space, kind, subject, source }: Written,
  begunAt: number,
): void {
  const newest = connection.first<{ readonly at: number | null }>('select max(at) at from forgotten where owner = ?', [
    owner,
  ])
  // a person who adds a text again has forgotten it before
  if ((newest?.at ?? Number.NEGATIVE_INFINITY) <= begunAt) return
  const hashOf = hasher(connection, owner)
  const hashes = [
    hashOf('id', id),
    hashOf('kind', kind),
    hashOf('all', ''),
    ...spacesAbove(space).map((path) => hashOf('space', path)),
    ...(subject === undefined ? [] : [hashOf('subject', subject)]),
    ...(source === undefined ? [] : [hashOf('source', source)]),
  ]
  for (const hash of hashes) {
    const sql = 'select 1 from forgotten where owner = ? and hash = ? and at > ?'
    if (connection.first(sql, [owner, hash, begunAt])) throw forgotten()
  }
}

/** A space and those that contain it: `a/b`, `a` and the root. */
function spacesAbove(space: string): readonly string[] {
  const parts = space === '' ? [] : space.split('/')
  return ['', ...parts.map((_, place) => parts.slice(0, place + 1).join('/'))]
}

const forgotten = () =>
  new TerminalError('The record was forgotten after the work that writes it began, so it is not added.', {
    code: 'forgotten',
  })
