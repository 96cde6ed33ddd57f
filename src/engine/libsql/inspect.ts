import type { Cell } from '../../kernel/types.ts'
import type { Database } from '../../store/database.ts'
import { type Inspected, type Inspection, inspected, limitOf } from '../inspect.ts'
import { nameOf, refOf } from '../mailbox.ts'
import { itemsOf } from '../queue.ts'
import type { Inbox } from './inbox.ts'
import type { Letter, Resident } from './resident.ts'
import { parseCell } from './stored-cell.ts'

type Lent = {
  readonly database: Database
  readonly residents: ReadonlyMap<string, Resident>
  readonly inbox: Inbox
}

/** Actors at this moment: those in memory and those with mail, over the rows of the table. */
export function inspectActors({ database, residents, inbox }: Lent, query: Inspection): readonly Inspected[] {
  const asleep = byActor(inbox.asleep())
  const held = byActor(inbox.held())
  const known = new Set([...residents.keys(), ...asleep.keys(), ...held.keys()])
  const found: Inspected[] = []
  for (const [name, stored] of namesOf(database, known, query)) {
    if (found.length === limitOf(query)) break
    const resident = residents.get(name)
    const actor = inspected({
      of: refOf(name),
      cell: resident ? resident.cell : stored,
      running: resident?.running,
      queue: resident ? itemsOf(resident.queue) : [],
      asleep: asleep.get(name) ?? [],
      held: held.get(name) ?? [],
    })
    if (actor) found.push(actor)
  }
  return found
}

function byActor(letters: Iterable<Letter>): ReadonlyMap<string, readonly Letter[]> {
  return Map.groupBy(letters, ({ envelope }) => nameOf(envelope.to))
}

type Named = readonly [name: string, stored: Cell | undefined]

function namesOf(database: Database, known: ReadonlySet<string>, query: Inspection): Iterable<Named> {
  const { kind, key, after } = query
  if (kind !== undefined && key !== undefined) {
    const name = nameOf({ kind, key })
    const [row] = database.all<Row>('select name, cell from cell where name = ?', [name])
    return [[name, row && parseCell(name, row.cell)]]
  }
  // '0' is the character after '/': the range holds all names of this kind
  const [first, end] = kind === undefined ? ['', '{'] : [`${kind}/`, `${kind}0`]
  const from = after && nameOf(after) > first ? nameOf(after) : first
  const fresh = [...known].filter((name) => name > from && name < end).sort()
  return merge(database, fresh, { from, end, limit: limitOf(query) })
}

type Range = { readonly from: string; readonly end: string; readonly limit: number }

/** Names in order; those that only memory knows lie between those of the table. */
function* merge(database: Database, fresh: readonly string[], range: Range): Generator<Named> {
  for (let { from } = range; ; ) {
    const rows = readRows(database, { ...range, from })
    const last = rows.length === range.limit ? rows.at(-1)?.name : undefined
    const stored = new Map(rows.map(({ name, cell }) => [name, cell]))
    const between = fresh.filter((name) => name > from && (last === undefined || name <= last))
    for (const name of [...new Set([...stored.keys(), ...between])].sort()) {
      const cell = stored.get(name)
      yield [name, cell === undefined ? undefined : parseCell(name, cell)]
    }
    if (last === undefined) return
    from = last
  }
}

type Row = { readonly name: string; readonly cell: string }

function readRows(database: Database, { from, end, limit }: Range): readonly Row[] {
  const sql = 'select name, cell from cell where name > ? and name < ? order by name limit ?'
  return database.all<Row>(sql, [from, end, limit])
}
