import { randomBytes } from 'node:crypto'
import type { MemoryConnection } from './connection.ts'

/** The number of an owner; undefined if nothing was ever written for it. */
export function ownerNumber(connection: MemoryConnection, name: string): number | undefined {
  return connection.first<{ readonly number: number }>('select number from owner where name = ?', [name])?.number
}

/** The number of an owner, who gets one with the first write. */
export function openOwner(connection: MemoryConnection, name: string): number {
  const known = ownerNumber(connection, name)
  if (known !== undefined) return known
  connection.run('insert into owner(name, key) values(?, ?) on conflict do nothing', [name, randomBytes(32)])
  return ownerNumber(connection, name)!
}

/** Notes a write that the actor of the memory has to look at, even if the process ends before it is woken. */
export function noteWrite(connection: MemoryConnection, owner: number, now: number): void {
  connection.run('update owner set written = max(ifnull(written, 0) + 1, ?) where number = ?', [now, owner])
}

/** Each owner with its last write (ms since the epoch), for the actors. */
export function listOwners(
  connection: MemoryConnection,
): readonly { readonly name: string; readonly written: number }[] {
  return connection.all('select name, written from owner where written is not null')
}
