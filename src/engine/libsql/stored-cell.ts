import { freeze } from '../../kernel/freeze.ts'
import { unreadableCell } from '../../kernel/open.ts'
import type { Cell } from '../../kernel/types.ts'

/** A row's cell and index, which lie in columns of their own. */
export type StoredCell = { readonly cell: string; readonly listed: string | null }

/** A cell as its row has it: what it has nothing of is left out, and so is the index, by which rows are listed. */
export function storedCell({ index, watchers, cancelled, timers, ...cell }: Cell): StoredCell {
  const some = {
    ...cell,
    ...(watchers.length > 0 && { watchers }),
    ...(cancelled.length > 0 && { cancelled }),
    ...(Object.keys(timers).length > 0 && { timers }),
  }
  return { cell: JSON.stringify(some), listed: index && JSON.stringify(index) }
}

/** The cell of a row; one that is damaged is quarantined, so that it harms no other. */
export function parseCell(name: string, { cell: text, listed }: StoredCell): Cell {
  try {
    const cell = JSON.parse(text) as Partial<Cell> | null
    if (typeof cell?.version === 'number' && cell.state !== undefined)
      return freeze({ ...NOTHING, ...(cell as Cell), index: listed === null ? null : JSON.parse(listed) })
  } catch {
    // said below
  }
  const message = `what is stored of ${name} is damaged; stop the actor to begin anew, or restore a backup`
  return unreadableCell({ code: 'unreadable', name: 'InvalidError', message, terminal: true })
}

const NOTHING = { watchers: [], cancelled: [], timers: {} } as const
