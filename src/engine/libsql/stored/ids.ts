import { tryParse } from '../../../kernel/json.ts'
import { type Bytes, checkedTexts, textOf } from '../../../store/database/checked-row.ts'
import type { KnownEntry } from '../codec.ts'
import type { Readable } from '../tables/mail.ts'

/** Takes the ids of one row. */
export type IdSink = {
  /** The entries that an earlier process left in a batch row. */
  restore(seq: number, entries: readonly KnownEntry[]): void
  /** Ids that may be in the row of a damaged batch. */
  restoreDamaged(seq: number, ids: readonly string[]): void
  /** Told of each damaged row. */
  damaged(row: string): void
}

/** The ids in the table, of which the newest are in the log. */
interface StoredIds {
  /** Gives the next rows to the sink. False: all were given. */
  readMore(): boolean
  /** The rows that may hold an id and were not given yet, the latest first. */
  find(id: string): readonly number[]
}

/** Rows of one query, and bytes after which a page ends: a row has one id, or those of a thousand requests. */
const PAGE = { rows: 20, bytes: 100_000 }

/** Lookups before the rows are read: a lookup goes through all of them. */
const MAX_LOOKUPS = 8

/** Opens the rows that are in the table now. */
export function openStoredIds(database: Readable, sink: IdSink): StoredIds {
  const [bounds] = database.all<{ readonly last: number | null }>('select max(seq) last from idempotency')
  const last = bounds?.last ?? 0
  let given = -1
  let lookups = 0
  const isWhole = () => given >= last

  function readMore(): boolean {
    if (isWhole()) return false
    for (let bytes = 0; bytes < PAGE.bytes && !isWhole(); ) {
      const rows = database.all<IdRow>(NEXT, [given, last, PAGE.rows])
      for (const row of rows) giveIds(row, sink)
      bytes += rows.reduce((sum, { ids }) => sum + ids.byteLength, 0)
      given = rows.length < PAGE.rows ? last : rows.at(-1)!.seq
    }
    return !isWhole()
  }

  return {
    readMore,
    find(id) {
      if (isWhole()) return NONE
      if (++lookups > MAX_LOOKUPS) while (readMore());
      return database.all<{ readonly seq: number }>(HOLDERS, [given, last, JSON.stringify(id)]).map(({ seq }) => seq)
    },
  }
}

const NONE: readonly number[] = []

export type IdRow = { readonly seq: number; readonly ids: Bytes; readonly sum: number }

const NEXT = `select seq, cast(ids as blob) ids, sum from idempotency where seq > ? and seq <= ? order by seq limit ?`
const HOLDERS = `select seq from idempotency where seq > ? and seq <= ? and instr(ids, ?) > 0 order by seq desc`

export function giveIds({ seq, ids: bytes, sum }: IdRow, sink: IdSink): void {
  const text = checkedTexts(bytes, sum, seq)?.[0]
  if (text !== undefined) sink.restore(seq, JSON.parse(text))
  else {
    sink.damaged(`idempotency ${seq}`)
    sink.restoreDamaged(seq, stringsIn(textOf(bytes)))
  }
}

/** All texts within a damaged JSON text. */
function stringsIn(json: string): readonly string[] {
  const literals = json.match(/"(?:[^"\\]|\\.?)*(?:"|$)/gs) ?? []
  return literals.map((text) => tryParse(text)).filter((text) => typeof text === 'string')
}
