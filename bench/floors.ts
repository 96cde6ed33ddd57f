import type { RowSummary, Verdict } from './summary.ts'

/** What was promised of a row, and whether it holds. */
export type Floor = { readonly name: string; readonly holds: boolean }

/** The floors that could be looked at; one of a row that failed does not hold. */
export function floorsOf(rows: readonly RowSummary[]): readonly Floor[] {
  return rows.flatMap(floorsOfRow)
}

function floorsOfRow(row: RowSummary): readonly Floor[] {
  if (row.absent !== undefined) return [{ name: row.name, holds: false }]
  const own = floorOf(row.name, row.verdict)
  return [
    ...own,
    ...row.against.flatMap((rival) =>
      rival.absent === undefined ? floorOf(`${row.name} / ${rival.name}`, rival.verdict) : [],
    ),
  ]
}

const floorOf = (name: string, { floor }: Verdict): readonly Floor[] =>
  floor === undefined ? [] : [{ name, holds: floor }]
