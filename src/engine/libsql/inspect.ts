import { type ActorRef, nameOf, parseRef } from '../../kernel/ref.ts'
import type { CompactingMap } from '../../lib/collections/compacting-map.ts'
import { type Bytes, textOf } from '../../store/database/checked-row.ts'
import type { Database } from '../../store/database/database.ts'
import type { Inspected, InspectQuery } from '../inspect.ts'
import { inspectLimit, inspectReadSize, inspectSnapshot, matchesStatus } from '../inspect.ts'
import { itemsOf, lengthOf } from '../queue.ts'
import type { Activation, QueuedMessage } from './activation/activation.ts'
import type { Router } from './router.ts'
import type { ReadonlyNameFilter } from './stored/name-filter.ts'
import { CELL_COLUMNS, type CellRow, decodeCell } from './tables/cell.ts'
import { isStatusIndexed, type ListIndexes, rareStatus, STATUS_EXPRESSION } from './tables/list-indexes.ts'

export type InspectedParts = {
  readonly database: Database
  readonly activations: CompactingMap<string, Activation>
  /** The actors that may have a row in the table. No row of other actors is read. */
  readonly names: ReadonlyNameFilter
  readonly router: Router
  readonly indexes: ListIndexes | undefined
}

/** The present state of actors: the rows of the table, overlaid with actors in memory and their mail. */
export function inspectActors(
  { database, activations, names, router, indexes }: InspectedParts,
  query: InspectQuery,
): readonly Inspected[] {
  const only = query.kind === undefined || query.key === undefined ? undefined : nameOf(query as ActorRef)
  const asleep = byActor(router.asleep(only))
  const held = byActor(router.held(only))
  const stored = { database, names, indexes }
  const known = dependsOnMail(query) ? [activations, asleep, held] : [activations]
  const found: Inspected[] = []
  for (const [name, read] of namesOf({ ...stored, known }, query)) {
    if (found.length === inspectLimit(query)) break
    const activation = activations.get(name)
    const actor = inspectSnapshot({
      of: parseRef(name),
      cell: activation
        ? activation.cell
        : cellOf(name, read ?? (usesStatusIndex(indexes, query) ? readStored(stored, name) : undefined)),
      running: activation?.running,
      queue: activation ? itemsOf(activation.queue) : [],
      asleep: asleep.get(name) ?? [],
      held: held.get(name) ?? [],
    })
    if (actor && matchesStatus(query, actor)) found.push(actor)
  }
  return found
}

/** The actors of a kind with a turn or mail, by key: 0, or when their first timer is due. No row is read. */
export function movingActors(
  { activations, router }: Pick<InspectedParts, 'activations' | 'router'>,
  kind: string,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const add = (name: string, due = 0) => {
    if (!name.startsWith(`${kind}/`)) return
    const key = name.slice(kind.length + 1)
    found.set(key, Math.min(due, found.get(key) ?? due))
  }
  for (const { name, running, queue } of activations.values()) if (running || lengthOf(queue) > 0) add(name)
  for (const letters of [router.asleep(), router.held()])
    for (const { envelope } of letters) add(nameOf(envelope.to), envelope.due)
  return found
}

/** Whether an index finds actors of that status. Without an index, rows are read one by one. */
function usesStatusIndex(indexes: ListIndexes | undefined, { key, status }: InspectQuery): indexes is ListIndexes {
  return indexes !== undefined && key === undefined && status !== undefined && isStatusIndexed(indexes, status)
}

/** Whether waiting mail can give an actor that status while the actor is not in memory. */
const dependsOnMail = ({ status = 'idle' }: InspectQuery): boolean => ['idle', 'left', 'waiting'].includes(status)

const cellOf = (name: string, row: CellRow | undefined) => row && decodeCell(name, row)

/** Letters by the name of their recipient. */
const byActor = (letters: Iterable<QueuedMessage>): ReadonlyMap<string, readonly QueuedMessage[]> =>
  Map.groupBy(letters, ({ envelope }) => nameOf(envelope.to))

type Named = readonly [name: string, stored: CellRow | undefined]
/** Maps of resident data by actor name. */
type NamesInMemory = readonly Pick<CompactingMap<string, unknown>, 'has' | 'keys'>[]

type Sources = Pick<InspectedParts, 'database' | 'names' | 'indexes'> & { readonly known: NamesInMemory }

function namesOf({ database, names, known, indexes }: Sources, query: InspectQuery): Iterable<Named> {
  const { kind, key, after } = query
  if (kind !== undefined && key !== undefined) {
    const name = nameOf({ kind, key })
    return [[name, readStored({ database, names }, name)]]
  }
  // '0' is the character after '/': the range holds all names of this kind
  const [first, end] = kind === undefined ? ['', '{'] : [`${kind}/`, `${kind}0`]
  const from = after && nameOf(after) > first ? nameOf(after) : first
  return merge(database, known, {
    from,
    end,
    limit: inspectReadSize(query),
    ...(usesStatusIndex(indexes, query) && { status: query.status!, indexes }),
  })
}

/** `status`: only the rows that the index has for this status. */
type Range = {
  readonly from: string
  readonly end: string
  readonly limit: number
  readonly status?: string
  readonly indexes?: ListIndexes
}

/** Names in order, in pages; names that exist only in memory are merged with the names of the table. */
function* merge(database: Database, known: NamesInMemory, range: Range): Generator<Named> {
  for (let { from } = range; ; ) {
    const stored = new Map(readRows(database, { ...range, from }).map((row) => [textOf(row.name), row]))
    const fresh = firstNames(known, { ...range, from })
    const last = endOf([[...stored.keys()], fresh], range.limit)
    for (const name of [...new Set([...stored.keys(), ...fresh])].sort()) {
      if (last !== undefined && name > last) break
      yield [name, stored.get(name)]
    }
    // a damaged name may not be at its place in the order
    if (last === undefined || last <= from) return
    from = last
  }
}

/** The point up to which all lists are complete: the end of the first list that may have more names. */
function endOf(lists: readonly (readonly string[])[], limit: number): string | undefined {
  const full = lists.filter(({ length }) => length > 0 && length === limit)
  return full.map((names) => names.at(-1)!).sort()[0]
}

/** The first names of a range, in order. Most of them need only one lookup. */
function firstNames(known: NamesInMemory, { from, end, limit }: Range): readonly string[] {
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

type Row = CellRow & { readonly name: Bytes }

function readRows(database: Database, { from, end, limit, status, indexes }: Range): readonly Row[] {
  const by = indexes && `indexed by cell_standing where ${rareStatus(indexes)} and ${STATUS_EXPRESSION} = ?4 and`
  const sql = `select cast(name as blob) name, ${CELL_COLUMNS} from cell ${by || 'where'} name > ?1 and name < ?2 order by name limit ?3`
  return database.all<Row>(sql, status === undefined ? [from, end, limit] : [from, end, limit, status])
}

function readStored({ database, names }: Pick<Sources, 'database' | 'names'>, name: string): CellRow | undefined {
  return names.has(name)
    ? database.first<CellRow>(`select ${CELL_COLUMNS} from cell where name = ?`, [name])
    : undefined
}
