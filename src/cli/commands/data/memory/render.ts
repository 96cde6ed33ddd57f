import type { CheckedSources, FoundRecord, RecordWithHistory } from '../../../../memory/memory.ts'
import type { MemoryRecord } from '../../../../memory/record.ts'
import { shortPath } from '../../../terminal/errors.ts'
import { localTime, oneLine } from '../../../terminal/format.ts'
import type { Terminal } from '../../../terminal/terminal.ts'

/** Characters of a text in a table. */
const SHOWN_TEXT = 80

export const RECORD_TABLE = {
  head: ['RECORD', 'KIND', 'SPACE', 'LEARNED', 'FROM', 'TEXT'],
  row: ({ id, kind, space, learnedAt, subject, text, pinned, source }: MemoryRecord, { folder }: Terminal) => [
    id,
    pinned ? `${kind}, pinned` : kind,
    space === '' ? '/' : space,
    localTime(learnedAt),
    placeOf(source, folder),
    oneLine(subject === undefined ? text : `${subject}: ${text}`, SHOWN_TEXT),
  ],
}

export const printRecords = (terminal: Terminal, records: readonly MemoryRecord[]): void =>
  terminal.table(
    RECORD_TABLE.head,
    records.map((record) => RECORD_TABLE.row(record, terminal)),
  )

/** Where a record came from: `docs/kiln.md#L3`, or only the type of its source. */
const placeOf = ({ type, ref, at }: MemoryRecord['source'], folder: string) =>
  ref === undefined ? type : `${shortPath(ref, folder)}${at === undefined ? '' : `#${at}`}`

/** Sentences about the documents behind results that had changed, are gone, or may be out of date. */
export function sourceLines({ reread, dropped, renamed, unread, unchecked, pages }: CheckedSources): readonly string[] {
  const line = (text: string, refs: readonly string[]) => (refs.length === 0 ? [] : [`${text}: ${refs.join(', ')}`])
  return [
    ...line('Read again, since it had changed', reread),
    ...line('Dropped, since it is gone', dropped),
    ...renamed.map(({ ref, to }) => `Found under another name: ${ref} is now ${to}`),
    ...unread.map(({ ref, reason }) => `May be out of date: ${ref} (${reason})`),
    ...line('May be out of date, as the search looks at 20 files', unchecked),
    ...pages.map(({ ref, readAt }) => `${ref} was read at ${localTime(readAt)}`),
  ]
}

/** Results with the parts of their scores. */
export function printScores(terminal: Terminal, records: readonly FoundRecord[]): void {
  const ranked = (value: number, rank: number | undefined) =>
    rank === undefined ? '' : `${value.toFixed(2)} (${rank}.)`
  const rows = records.map(({ id, score, text, parts: { words, meaning = 0, recency, importance, ranks = {} } }) => [
    id,
    score.toFixed(4),
    ranked(words, ranks.words),
    ranked(meaning, ranks.meaning),
    recency.toFixed(3),
    importance.toFixed(3),
    oneLine(text, SHOWN_TEXT),
  ])
  terminal.table(['RECORD', 'SCORE', 'WORDS', 'MEANING', 'RECENCY', 'IMPORTANCE', 'TEXT'], rows)
}

export function recordLines(record: MemoryRecord): readonly string[] {
  const { id, kind, space, subject, source, learnedAt, expires, pinned, importance, tier } = record
  return [
    `${id}: ${kind}${space === '' ? '' : ` in ${space}`}${pinned ? ', pinned' : ''}`,
    ...(subject === undefined ? [] : [`  subject: ${subject}`]),
    `  learned: ${localTime(learnedAt)}, from ${[source.type, source.ref, source.at].filter(Boolean).join(' ')}`,
    ...(importance === undefined ? [] : [`  importance: ${importance}`]),
    `  tier: ${tier}`,
    ...(expires === undefined ? [] : [`  expires: ${localTime(expires)}`]),
  ]
}

/** A fact of a history: when it is true, and its text. */
export function factLine({ validFrom = 0, validTo, text }: MemoryRecord): string {
  const until = validTo === undefined ? 'now' : localTime(validTo)
  return `  ${localTime(validFrom)} to ${until.padEnd(19)}  ${oneLine(text, SHOWN_TEXT)}`
}

export function citedLine({ ask, thread, at }: RecordWithHistory['citedBy'][number]): string {
  return `  cited: ${localTime(at)}, by ${ask} on ${thread}`
}
