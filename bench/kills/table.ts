import type { KillResult } from './kill-loop.ts'

/** One program, and what came out of it. */
export type KillRow =
  | {
      readonly title: string
      readonly versions: string
      readonly lines: number
      readonly result: KillResult
      readonly absent?: undefined
    }
  | { readonly title: string; readonly absent: string }

const HEAD = ['', 'kills', 'twice', 'lost', 'told', 'stuck', 'paid twice', 'lines', 'recovery']

/** The rows as text, and below them the versions, and what goals without an answer said. */
export function renderKills(rows: readonly KillRow[]): string {
  const lines = [HEAD, ...rows.map(columnsOf)]
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.filter(({ length }) => length === HEAD.length).map((line) => line[column]!.length)),
  )
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
  return [...lines.map((line) => line.map(pad).join('  ').trimEnd()), '', ...rows.flatMap(notesOf)].join('\n')
}

/** A row in one line, for a person who watches. */
export function renderKillRow(row: KillRow): string {
  const [title, ...cells] = columnsOf(row)
  if (row.absent !== undefined) return [title, ...cells].join(': ')
  return `${title}: ${cells.map((cell, at) => `${HEAD[at + 1]} ${cell}`).join(', ')}`
}

function columnsOf(row: KillRow): readonly string[] {
  if (row.absent !== undefined) return [row.title, `not tried: ${row.absent}`]
  const { kills, twice, lost, unknown, stuck, paidTwice, recovery } = row.result
  const counts = [kills, twice, lost, unknown.person + unknown.model, stuck, paidTwice, row.lines]
  return [row.title, ...counts.map(String), `${(recovery / 1000).toFixed(1)} s`]
}

function notesOf(row: KillRow): readonly string[] {
  if (row.absent !== undefined) return []
  const { said } = row.result
  return [
    ...(row.versions === '' ? [] : [`${row.title}: ${row.versions}`]),
    ...said.map((words) => `${row.title}, a goal without an answer: ${words}`),
  ]
}
