import type { MemoryConnection } from '../connection.ts'

/** Reads of an owner's records since the last note: id and number. `at`: ms since the epoch, another one each time. */
export type NotedReads = { readonly reads: readonly (readonly [id: string, count: number])[]; readonly at: number }

/**
 * Adds reads to the counts of records that exist. It is one statement beside all transactions, so it does not change
 * the version of the owner; sent again with the same `at`, it changes nothing.
 */
export function noteReads(connection: MemoryConnection, owner: number, { reads, at }: NotedReads): void {
  connection.run(
    `insert into access(rid, count, at)
     select r.rid, json_extract(j.value, '$[1]'), ? from json_each(?) j
     join record r on r.owner = ? and r.id = json_extract(j.value, '$[0]')
     where r.withdrawn_at is null and r.erasure is null
     on conflict(rid) do update set count = count + excluded.count, at = excluded.at where at <> excluded.at`,
    [at, JSON.stringify(reads), owner],
  )
}
