import { nameOf, refOf } from '../../kernel/ref.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { Passing } from '../../passing.ts'
import type { Database } from '../../store/database.ts'
import { type Inspected, type Inspection, inspected, limitOf } from '../inspect.ts'
import { itemsOf } from '../queue.ts'
import type { Inbox } from './inbox.ts'
import type { ReadonlyNames } from './names.ts'
import type { Letter, Resident } from './resident.ts'
import { parseCell } from './stored-cell.ts'

type Lent = {
  readonly database: Database
  readonly residents: Passing<string, Resident>
  /** Actors that may have a row in the table; of others none is read. */
  readonly names: ReadonlyNames
  readonly inbox: Inbox
}

/** Actors at this moment: those in memory and those with mail, over the rows of the table. */
export function inspectActors({ database, residents, names, inbox }: Lent, query: Inspection): readonly Inspected[] {
  const asleep = byActor(inbox.asleep(), query)
  const held = byActor(inbox.held(), query)
  const known = [residents, asleep, held]
  const found: Inspected[] = []
  for (const [name, stored] of namesOf({ database, names, known }, query)) {
    if (found.length === limitOf(query)) break
    const resident = residents.get(name)
    const actor = inspected({
      of: refOf(name),
      cell: resident ? resident.cell : stored === undefined ? undefined : parseCell(name, stored),
      running: resident?.running,
      queue: resident ? itemsOf(resident.queue) : [],
      asleep: asleep.get(name) ?? [],
      held: held.get(name) ?? [],
    })
    if (actor) found.push(actor)
  }
  return found
}

/** Letters by the name of who gets them; when one actor is asked for, its own alone. */
function byActor(letters: Iterable<Letter>, { kind, key }: Inspection): ReadonlyMap<string, readonly Letter[]> {
  const some = kind === undefined || key === undefined ? letters : lettersTo(letters, { kind, key })
  return Map.groupBy(some, ({ envelope }) => nameOf(envelope.to))
}

function* lettersTo(letters: Iterable<Letter>, { kind, key }: ActorRef): Generator<Letter> {
  for (const letter of letters) if (letter.envelope.to.key === key && letter.envelope.to.kind === kind) yield letter
}

/** A name, and the text of the cell that the table holds. */
type Named = readonly [name: string, stored: string | undefined]
/** What memory knows, by the names of actors. */
type Known = readonly Pick<Passing<string, unknown>, 'has' | 'keys'>[]

type Sources = { readonly database: Database; readonly names: ReadonlyNames; readonly known: Known }

function namesOf({ database, names, known }: Sources, query: Inspection): Iterable<Named> {
  const { kind, key, after } = query
  if (kind !== undefined && key !== undefined) {
    const name = nameOf({ kind, key })
    const row = names.has(name) ? database.first<Row>('select name, cell from cell where name = ?', [name]) : undefined
    return [[name, row?.cell]]
  }
  // '0' is the character after '/': the range holds all names of this kind
  const [first, end] = kind === undefined ? ['', '{'] : [`${kind}/`, `${kind}0`]
  const from = after && nameOf(after) > first ? nameOf(after) : first
  return merge(database, known, { from, end, limit: limitOf(query) })
}

type Range = { readonly from: string; readonly end: string; readonly limit: number }

/** Names in order, a page at a time; those that only memory knows lie between those of the table. */
function* merge(database: Database, known: Known, range: Range): Generator<Named> {
  for (let { from } = range; ; ) {
    const stored = new Map(readRows(database, { ...range, from }).map(({ name, cell }) => [name, cell]))
    const fresh = firstNames(known, { ...range, from })
    const last = endOf([[...stored.keys()], fresh], range.limit)
    for (const name of [...new Set([...stored.keys(), ...fresh])].sort()) {
      if (last !== undefined && name > last) break
      yield [name, stored.get(name)]
    }
    if (last === undefined) return
    from = last
  }
}

/** Where the first list ends that may have more names than it shows. */
function endOf(lists: readonly (readonly string[])[], limit: number): string | undefined {
  const full = lists.filter(({ length }) => length > 0 && length === limit)
  return full.map((names) => names.at(-1)!).sort()[0]
}

/** The first names of a range, in order: a look at each, for most of them no more. */
function firstNames(known: Known, { from, end, limit }: Range): readonly string[] {
  let first: string[] = []
  let last = end
  for (const names of known)
    for (const name of names.keys()) {
      if (name <= from || name >= last || first.push(name) < 2 * limit) continue
      first = [...new Set(first)].sort().slice(0, limit)
      if (first.length === limit) last = first.at(-1)!
    }
  return [...new Set(first)].sort().slice(0, limit)
}

type Row = { readonly name: string; readonly cell: string }

function readRows(database: Database, { from, end, limit }: Range): readonly Row[] {
  const sql = 'select name, cell from cell where name > ? and name < ? order by name limit ?'
  return database.all<Row>(sql, [from, end, limit])
}
