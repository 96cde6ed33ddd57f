import type { MemoryConnection } from '../connection.ts'
import { HEADING, indexedTerms } from '../words.ts'

/** Rows that one portion looks at, and those that it indexes again: others can be called in between. */
const ROWS = 5_000
const INDEXED = 200

type UnfoldedRow = {
  readonly rid: number
  readonly owner: number
  readonly text: string
  readonly heading: string | null
  readonly terms: string
}

const hasOther = (column: string) => `length(cast(${column} as blob)) > length(${column})`

/**
 * Indexes a portion of the records again that were indexed before words were folded; words of ASCII alone are the same.
 * False: none is left. It changes nothing when it runs again.
 */
export function refoldPortion(connection: MemoryConnection): boolean {
  const left = connection.first<{ readonly next: number; readonly last: number }>('select next, last from unfolded')
  if (!left || left.next >= left.last) return false
  const end = Math.min(left.last, left.next + ROWS)
  const rows = connection.all<UnfoldedRow>(
    `select r.rid, r.owner, r.text, ${HEADING} heading, w.terms from record r join words w on w.rowid = r.rid
     where r.rid > ? and r.rid <= ? and (${hasOther('r.text')} or ${hasOther(`ifnull(${HEADING}, '')`)})
     order by r.rid limit ?`,
    [left.next, end, INDEXED],
  )
  const next = rows.length === INDEXED ? rows.at(-1)!.rid : end
  const changed = rows.flatMap(({ rid, owner, text, heading, terms }) => {
    const folded = indexedTerms(owner, text, heading)
    return folded === terms ? [] : [{ rid, folded }]
  })
  // any owner: the words of a record depend on nothing else
  const owner = connection.first<{ readonly number: number }>('select number from owner order by number limit 1')
  if (!owner) return false
  connection.transaction(owner.number, () => {
    // a record that was withdrawn in the meantime has no words, and gets none
    for (const { rid, folded } of changed) connection.run('update words set terms = ? where rowid = ?', [folded, rid])
    connection.run('update unfolded set next = max(next, ?)', [next])
  })
  return next < left.last
}
