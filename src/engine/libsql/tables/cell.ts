import { problemOf } from '../../../errors.ts'
import { damagedActorError } from '../../../kernel/faults.ts'
import { freeze } from '../../../kernel/json.ts'
import { unreadableCell } from '../../../kernel/open-cell.ts'
import type { Cell } from '../../../kernel/types.ts'
import { type Bytes, bytesOf, checkedTexts } from '../../../store/database/checked-row.ts'
import type { Database } from '../../../store/database/database.ts'
import { isCorrupt } from '../../../store/database/row-checks.ts'

/** The cell and the index of a row, which have columns of their own. */
type EncodedCell = { readonly cell: string; readonly index: string | null }

/** A cell as its row stores it: without empty fields, and without the index, which has columns of its own. */
export function encodeCell({ index, watchers, cancelled, timers, ...cell }: Cell): EncodedCell {
  const some = {
    ...cell,
    ...(watchers.length > 0 && { watchers }),
    ...(cancelled.length > 0 && { cancelled }),
    ...(Object.keys(timers).length > 0 && { timers }),
  }
  return { cell: JSON.stringify(some), index: index && JSON.stringify(index) }
}

/** The columns of a cell that `cellIn` reads. */
export const CELL_COLUMNS = `${bytesOf('index_fields', 'cell')} row, sum`
export type CellRow = { readonly row: Bytes; readonly sum: number }

/** The cell of a row. A damaged cell is quarantined, so that it harms no other actor. */
export function decodeCell(name: string, { row, sum }: CellRow): Cell {
  const texts = checkedTexts(row, sum, name)
  return texts ? parseCell(name, { cell: texts[1]!, index: texts[0]! || null }) : damagedCell(name)
}

/** Stands for a cell that cannot be read. */
const damagedCell = (name: string): Cell => unreadableCell(problemOf(damagedActorError(name)))

export const readCell = (database: Database, name: string): Cell | undefined => readActor(database, name)?.cell

/** The cell that the tables hold, and whether its parts and events lie in the same row. */
export function readActor(database: Database, name: string): { cell: Cell; compact: boolean } | undefined {
  try {
    const sql = `select ${CELL_COLUMNS}, inlined is not null as compact from cell where name = ?`
    const row = database.first<CellRow & { compact: number }>(sql, [name])
    return row && { cell: decodeCell(name, row), compact: row.compact === 1 }
  } catch (error) {
    if (!isCorrupt(error)) throw error
    return { cell: damagedCell(name), compact: false }
  }
}

/** Parses the cell of a row. An invalid cell is quarantined. */
export function parseCell(name: string, { cell: text, index }: EncodedCell): Cell {
  try {
    const cell = JSON.parse(text) as Partial<Cell> | null
    if (typeof cell?.version === 'number' && cell.state !== undefined)
      return freeze({ ...EMPTY_FIELDS, ...(cell as Cell), index: index === null ? null : JSON.parse(index) })
  } catch {
    // the next line returns the fault
  }
  return damagedCell(name)
}

const EMPTY_FIELDS = { watchers: [], cancelled: [], timers: {} } as const
