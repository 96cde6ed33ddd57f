import { damagedActorError } from '../../../kernel/faults.ts'
import type { Json } from '../../../kernel/schema.ts'
import { type Bytes, bytesOf, checkedTexts, splitLast } from '../../../store/database/checked-row.ts'
import type { Database } from '../../../store/database/database.ts'
import type { NumberedEvent } from '../../engine.ts'
import { type Activation, unsavedPart } from '../activation/activation.ts'
import { inlinedEvents, inlinedParts } from './inline-rows.ts'

/** Rows that one statement reads. */
export const PART_PAGE_SIZE = 256

/** A part as the tables store it; its value is parsed when it is needed. */
type StoredPart = { readonly name: string; value(): Json }

type Row = { readonly row: Bytes; readonly sum: number; readonly inlined: 0 | 1 }

const OWN_PARTS = `select ${bytesOf('name', 'value')} row, sum, 0 inlined from part where actor = ?1`
const OWN_EVENTS = `select ${bytesOf('n', 'correlation_id', 'body')} row, sum, 0 inlined from event where actor = ?1`

/**
 * Adds the text inlined in the cell row: an actor has either this text or rows of its own. It is one statement, because
 * a checkpoint may move the data during a read.
 */
function orInlined(select: string): string {
  return `select * from (${select}) union all
    select ${bytesOf('inlined')}, inlined_sum, 1 from cell where name = ?1 and inlined is not null`
}

const ONE = orInlined(`${OWN_PARTS} and name = ?2`)
const SOME = orInlined(`${OWN_PARTS} and name in (select value from json_each(?2))`)
// the last bound keeps the search from walking through all names behind the prefix
const PREFIXED = orInlined(
  `${OWN_PARTS} and name > ?2 and name < ?5 and substr(name, 1, ?3) = ?4 order by name limit ?6`,
)
const EVENTS = orInlined(`${OWN_EVENTS} and n > ?2 order by n limit ${PART_PAGE_SIZE}`)

/** Sorts after every name with the same prefix. */
const LAST = '\u{10ffff}'

/** A part by its name, as a page has it. Throws if its row is damaged. */
export const readPart = (database: Database, actor: string, name: string): StoredPart | undefined =>
  readNamedParts(database, actor, [name]).find((part) => part.name === name)

/** Parts with the given names, and possibly others. Throws if one of their rows is damaged. */
function readNamedParts(database: Database, actor: string, names: readonly string[]): readonly StoredPart[] {
  const [sql, wanted] = names.length === 1 ? [ONE, names[0]!] : [SOME, JSON.stringify(names)]
  return partsIn(actor, database.all<Row>(sql, [actor, wanted]))
}

/** The first `size` parts with `prefix` after `after`, in order, and maybe more. Throws if a row is damaged. */
export function readPartPage(
  database: Database,
  actor: string,
  { prefix, after, size }: { readonly prefix: string; readonly after: string; readonly size: number },
): readonly StoredPart[] {
  const rows = database.all<Row>(PREFIXED, [actor, after, prefix.length, prefix, `${prefix}${LAST}`, size])
  const parts = partsIn(actor, rows).filter(({ name }) => name > after && name.startsWith(prefix))
  return parts.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function partsIn(actor: string, rows: readonly Row[]): StoredPart[] {
  return rows.flatMap((row) => {
    const texts = textsIn(actor, row)
    if (row.inlined === 1) return [...inlinedParts(texts[0]!)].map(([name, value]) => ({ name, value: () => value }))
    const [name, value] = splitLast(texts)
    return [{ name, value: () => JSON.parse(value) as Json }]
  })
}

/** A page of the events after a number. Throws when a row is damaged or missing. */
export function readEventPage(database: Database, actor: string, after: number): readonly NumberedEvent[] {
  const events = database.all<Row>(EVENTS, [actor, after]).flatMap((row) => {
    const texts = textsIn(actor, row)
    if (row.inlined === 1) return inlinedEvents(texts[0]!).filter(({ n }) => n > after)
    const [correlationId, body] = splitLast(texts.slice(1))
    return [{ n: Number(texts[0]), correlationId, body: JSON.parse(body) as Json }]
  })
  if (events.some(({ n }, index) => n !== after + 1 + index)) throw damagedActorError(actor)
  return events.slice(0, PART_PAGE_SIZE)
}

/** Reads the text inlined in an actor's cell row; null without one. Throws when it is damaged. */
export function readInlined(database: Database, name: string): string | null {
  const sql = `select ${bytesOf('inlined')} row, inlined_sum sum, 1 inlined from cell where name = ? and inlined is not null`
  const row = database.first<Row>(sql, [name])
  return row ? textsIn(name, row)[0]! : null
}

function textsIn(actor: string, { row, sum }: Row): readonly string[] {
  const texts = checkedTexts(row, sum, actor)
  if (!texts) throw damagedActorError(actor)
  return texts
}

type Parts = ReadonlyMap<string, Json>

/** Parts as an actor's own turn sees them. Simultaneous reads become one: inlined text is parsed as a whole. */
export function partReader(database: Database, activation: Activation): (name: string) => Promise<Json | undefined> {
  let asked: Set<string> | undefined
  let answer: Promise<Parts>
  const read = () => {
    const names = asked!
    asked = undefined
    return new Map(readNamedParts(database, activation.name, [...names]).map((part) => [part.name, part.value()]))
  }
  return async (name) => {
    const { value, hidden } = unsavedPart(activation, name)
    if (hidden || !activation.stored) return value
    if (asked) asked.add(name)
    else {
      asked = new Set([name])
      answer = Promise.resolve().then(read)
    }
    return (await answer).get(name)
  }
}
