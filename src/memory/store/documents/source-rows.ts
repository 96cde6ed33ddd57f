import type { MemoryConnection } from '../connection.ts'
import { inSource, type RecordCondition } from '../filter.ts'

/** A row of the table `source`. Times in ms; `mtime` is null if the file may have changed in the same moment. */
export type SourceRow = {
  readonly ref: string
  readonly type: 'file' | 'web' | 'upload'
  readonly space: string
  readonly hash: string
  readonly size: number | null
  readonly mtime: number | null
  /** the version of `src/source/` that read it */
  readonly reader: number
  /** why it cannot be read; null: it is read */
  readonly reason: string | null
  readonly trusted: number
  /** 1: a caller named the file itself, and not its folder */
  readonly named: number
  /** the passages that it had when it was read */
  readonly records: number
  readonly read_at: number
  /** when a caller asked for it last */
  readonly asked_at: number
  readonly checked_at: number
}

/** A row with the number of its passages that are in memory now. */
export type CountedSource = SourceRow & { readonly live: number }

const SHOWN = `s.*, (select count(*) from record r where r.owner = s.owner and r.source_ref = s.ref
  and r.kind = 'passage' and r.withdrawn_at is null and r.erasure is null) live`

/** The sources of an owner in the order of their names: those named, or those at and below a path. */
export function listSources(
  connection: MemoryConnection,
  owner: number,
  { refs, below = '', after = '', limit = 1_000_000 }: SourceQuery,
): readonly CountedSource[] {
  if (refs)
    return refs.flatMap((ref) =>
      connection.all<CountedSource>(`select ${SHOWN} from source s where s.owner = ? and s.ref = ?`, [owner, ref]),
    )
  const { sql, values } = below === '' ? { sql: '1', values: [] } : inSource('s.ref', below)
  return connection.all<CountedSource>(
    `select ${SHOWN} from source s where s.owner = ? and s.ref > ? and ${sql} order by s.ref limit ?`,
    [owner, after, ...values, limit],
  )
}

export type SourceQuery = {
  readonly refs?: readonly string[]
  readonly below?: string
  readonly after?: string
  readonly limit?: number
}

/** No request for a document is later than now: records forgotten or undone now do not return. */
export function capAsked(connection: MemoryConnection, owner: number, now: number): void {
  connection.run('update source set asked_at = ? where owner = ? and asked_at > ?', [now, owner, now])
}

/** Drops the rows of documents of which nothing is left, after records were erased or withdrawn. */
export function dropEmptySources(connection: MemoryConnection, owner: number, also?: RecordCondition): void {
  connection.run(
    `delete from source as s where s.owner = ? and ((s.records > 0 and not exists (select 1 from record r
       where r.owner = s.owner and r.source_ref = s.ref and r.withdrawn_at is null and r.erasure is null))
       ${also ? `or ${also.sql}` : ''})`,
    [owner, ...(also?.values ?? [])],
  )
}
