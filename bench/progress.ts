import type { Row } from './row.ts'
import type { RivalSummary, RowSummary } from './summary.ts'
import { formatGoal, formatNumber } from './table.ts'

/** A row in one line, with the medians of the rounds so far. */
export function renderRow(row: RowSummary, round: number, rounds: number): string {
  const begin = `round ${round} of ${rounds} · ${row.name}, ${row.title}`
  if (row.absent !== undefined) return `${begin}: FAILED: ${row.absent}`
  const own = `${formatNumber(row.ours.median)} ${row.unit}${brackets(formatGoal(row.goal, row.better, row.verdict))}`
  return [`${begin}: ${own}`, ...row.against.map((rival) => renderRival(rival, row.better))].join(' · ')
}

function renderRival(rival: RivalSummary, better: Row['better']): string {
  if (rival.absent !== undefined) return `${rival.name} absent: ${rival.absent}`
  const { name, figure, ratio, goal, verdict } = rival
  const goals = formatGoal(goal, better, verdict)
  return `${name} ${formatNumber(figure.median)}${brackets([`${formatNumber(ratio.median)} ×`, ...goals])}`
}

function brackets(parts: readonly string[]): string {
  const said = parts.filter((part) => part !== '')
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}
