import { type Bytes, rowChecksum, textOf } from '../../../store/database/checked-row.ts'
import type { Readable } from '../tables/mail.ts'
import { createNameFilter, type ReadonlyNameFilter } from './name-filter.ts'

/**
 * The names of the actors in the table. It never misses one, and may have others. Until all names are read, a name that
 * is not known yet is looked up in the index of the table.
 */
export interface StoredNames extends ReadonlyNameFilter {
  /** Adds the name of an actor that may be written to the table. */
  add(name: string): void
  /** Reads and checks the next names. False: all are read. */
  readMore(): boolean
}

/** Names that are read at once. */
const PAGE = 500

/** A damaged index is rebuilt when the damage is seen, because actors are found by it. */
export function openStoredNames(database: Readable): StoredNames {
  const known = createNameFilter([])
  let last = ''
  let isWhole = false

  function rebuild(): void {
    database.all('reindex cell')
    last = ''
  }

  function readMore(): boolean {
    if (isWhole) return false
    const rows = database.all<NameRow>(NEXT, [last, PAGE])
    if (!rows.every(isSound)) {
      rebuild()
      return true
    }
    for (const row of rows) known.add((last = nameIn(row)))
    isWhole = rows.length < PAGE
    return !isWhole
  }

  // a damaged entry leads a search astray, and then lies beside the place where the search ends
  function isIndexed(name: string): boolean {
    let around = database.all<NameRow>(AROUND, [name, name])
    if (!around.every(isSound)) {
      rebuild()
      around = database.all<NameRow>(AROUND, [name, name])
    }
    return around.some((row) => nameIn(row) === name)
  }

  return {
    has: (name) => known.has(name) || (!isWhole && isIndexed(name)),
    add: known.add,
    readMore,
  }
}

/** The names of all actors in the table, in its order. */
export function readNames(database: Readable): readonly string[] {
  const read = () => database.all<NameRow>(NEXT, ['', -1])
  let rows = read()
  if (!rows.every(isSound)) {
    database.all('reindex cell')
    rows = read()
  }
  return rows.map(nameIn)
}

type NameRow = { readonly name: Bytes; readonly sum: number }

// `cell.name`: the name alone is the blob, and its order is not that of the index
const COLUMNS = 'cast(name as blob) name, name_sum sum from cell indexed by cell_name'
const NEXT = `select ${COLUMNS} where cell.name > ? order by cell.name limit ?`
const AROUND = `select * from (select ${COLUMNS} where cell.name <= ? order by cell.name desc limit 1)
  union all select * from (select ${COLUMNS} where cell.name > ? order by cell.name limit 1)`

const nameIn = ({ name }: NameRow) => textOf(name)
const isSound = (row: NameRow) => rowChecksum([nameIn(row)]) === row.sum
