import { freeze } from '../../kernel/freeze.ts'
import { unreadableCell } from '../../kernel/open.ts'
import type { Cell } from '../../kernel/types.ts'

/** The cell of a row; one that is damaged is quarantined, so that it harms no other. */
export function parseCell(name: string, text: string): Cell {
  try {
    const cell = JSON.parse(text) as Partial<Cell> | null
    if (typeof cell?.version === 'number' && cell.state !== undefined) return freeze(cell as Cell)
  } catch {
    // said below
  }
  const message = `what is stored of ${name} is damaged; stop the actor to begin anew, or restore a backup`
  return unreadableCell({ code: 'unreadable', name: 'InvalidError', message, terminal: true })
}
