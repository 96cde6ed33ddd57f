import type { MemoryStats } from '../../memory.ts'
import type { Tier } from '../../tier/decide.ts'
import type { MemoryConnection } from '../connection.ts'
import { READABLE } from '../filter.ts'

type CountRow = {
  readonly kind: string
  readonly tier: Tier
  readonly records: number
  readonly pinned: number
  readonly quarantined: number
  readonly bytes: number
  readonly fullBytes: number
  readonly hits: number
}

export function stats(connection: MemoryConnection, owner: number, _query: object, now: number): MemoryStats {
  const rows = connection.all<CountRow>(
    `select kind, tier, count(*) records, sum(pinned) pinned, sum(quarantined) quarantined,
     sum(text_bytes + data_bytes) bytes, sum(text_bytes + ifnull(full_bytes, data_bytes)) fullBytes, sum(hits) hits
     from (select r.kind, r.tier, r.pinned, not (${READABLE}) quarantined, r.full_bytes, length(cast(r.text as blob)) text_bytes,
       ifnull(length(cast(r.data as blob)), 0) data_bytes, ifnull(a.count, 0) hits
       from record r left join access a on a.rid = r.rid where r.owner = ? and r.withdrawn_at is null
       and r.proposed = 0 and r.erasure is null and (r.expires is null or r.expires > ?))
     group by kind, tier order by kind`,
    [owner, now],
  )
  const count = (sql: string) => connection.first<{ readonly count: number }>(sql, [owner])!.count
  const sum = (field: 'records' | 'pinned' | 'quarantined' | 'bytes' | 'fullBytes' | 'hits', of = rows) =>
    of.reduce((total, row) => total + row[field], 0)
  const tierStats = (tier: Tier) => {
    const of = rows.filter((row) => row.tier === tier)
    return {
      records: sum('records', of),
      bytes: sum('bytes', of),
      fullBytes: sum('fullBytes', of),
      hits: sum('hits', of),
    }
  }
  const kinds = Map.groupBy(rows, ({ kind }) => kind)
  return {
    records: sum('records'),
    bytes: sum('bytes'),
    pinned: sum('pinned'),
    kinds: Object.fromEntries([...kinds].map(([kind, of]) => [kind, sum('records', of)])),
    changes: count('select count(*) count from change where owner = ?'),
    pending: count("select count(*) count from erasure where owner = ? and status = 'pending'"),
    quarantined: sum('quarantined'),
    tiers: { short: tierStats('short'), intermediate: tierStats('intermediate'), long: tierStats('long') },
  }
}
