import { type Bytes, rowChecksum, textOf } from '../../../store/database/checked-row.ts'
import type { Value } from '../../../store/database/database.ts'
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

  // a rebuilt index may have names before the last one that it did not have
  const startAgain = () => {
    last = ''
  }

  function readMore(): boolean {
    if (isWhole) return false
    const rows = readSound(database, () => [NEXT, [last, PAGE]], startAgain)
    for (const row of rows) known.add((last = nameIn(row)))
    isWhole = rows.length < PAGE
    return !isWhole
  }

  // a damaged entry leads a search astray, and then lies beside the place where the search ends
  function isIndexed(name: string): boolean {
    const around = readSound(database, () => [AROUND, [name, name]], startAgain)
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
  return readSound(database, () => [NEXT, ['', -1]]).map(nameIn)
}

type NameQuery = readonly [sql: string, values: readonly Value[]]

/** The rows of a query. If one is damaged, the index is rebuilt, and the query is made and read again. */
function readSound(database: Readable, query: () => NameQuery, onRebuilt = () => {}): readonly NameRow[] {
  const rows = database.all<NameRow>(...query())
  if (rows.every((row) => rowChecksum([nameIn(row)]) === row.sum)) return rows
  database.all('reindex cell')
  onRebuilt()
  return database.all<NameRow>(...query())
}

type NameRow = { readonly name: Bytes; readonly sum: number }

// `cell.name`: the name alone is the blob, and its order is not that of the index
const COLUMNS = 'cast(name as blob) name, name_sum sum from cell indexed by cell_name'
const NEXT = `select ${COLUMNS} where cell.name > ? order by cell.name limit ?`
const AROUND = `select * from (select ${COLUMNS} where cell.name <= ? order by cell.name desc limit 1)
  union all select * from (select ${COLUMNS} where cell.name > ? order by cell.name limit 1)`

const nameIn = ({ name }: NameRow) => textOf(name)
