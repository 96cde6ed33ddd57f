import { alignFigures } from '../quality.ts'
import { ASKED } from './asked.ts'
import type { OfflineReport, OfflineRow } from './report.ts'
import type { Estimate } from './sample.ts'

/** The report as text: a line for each method under what it was measured in. */
export function renderOffline({ rows, embedder }: OfflineReport): string {
  const sets = ASKED.filter((set) => rows.some((row) => row[set]))
  const lines = rows.map((row) => [titleOf(row), row.method, ...sets.flatMap((set) => cells(row[set]))])
  return [
    `embedder: ${embedder}`,
    '',
    ...alignFigures([['', '', ...sets.flatMap((set) => [set, '95 %', 'n'])], ...withoutRepeats(lines)]),
  ].join('\n')
}

/** What was measured, whoever answered. */
export function titleOf({ task, measure }: Pick<OfflineRow, 'task' | 'measure'>): string {
  return `${task}: ${measure}`
}

function cells(estimate: Estimate | undefined): readonly string[] {
  if (!estimate) return ['', '', '']
  const { n, mean, low, high } = estimate
  return [share(mean), `${share(low)}–${share(high)}`, String(n)]
}

/** An estimate in words, for a person who watches. */
export function renderEstimate({ n, mean }: Estimate): string {
  return `${share(mean)}, n ${n}`
}

function share(value: number): string {
  return value.toFixed(2).replace(/^0/, '')
}

/** A title stands where it is new. */
function withoutRepeats(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lines.map(([title = '', ...rest], at) => [title === lines[at - 1]?.[0] ? '' : title, ...rest])
}
