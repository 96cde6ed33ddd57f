import type { Report } from './report.ts'
import type { Goal } from './row.ts'
import type { RivalSummary, RowSummary, Spread, Verdict } from './summary.ts'

/** The report as text: a line per row, and one below it for each rival. */
export function renderReport({ machine, peers, rows, rounds, seconds }: Report): string {
  const { node, sqlite, synchronous, sync, delay, processor, cores, system } = machine
  return [
    `${cores} × ${processor}, ${system}, Node ${node}, SQLite ${sqlite} (libSQL), synchronous=${synchronous}`,
    `fsync ${sync.p50.toFixed(2)} ms (p99 ${sync.p99.toFixed(2)}), idle loop delay p99 ${delay.toFixed(2)} ms, ${rounds} rounds of ${seconds} s: min / median / max`,
    ...peers.map((peer) => `${peer.title}: ${peer.absent === undefined ? peer.version : `absent, ${peer.absent}`}`),
    '',
    ...rows.flatMap(renderRow),
  ].join('\n')
}

function renderRow(row: RowSummary): readonly string[] {
  if (row.absent !== undefined) return [`${pad(row.title)} FAILED: ${row.absent}`]
  const batch = row.batch === undefined ? '' : `, ${formatNumber(row.batch)} per commit`
  const own = `${pad(row.title)} ${formatSpread(row.ours)} ${row.unit}${batch}${formatGoal(row.goal, row.verdict, '')}`
  return [own, ...row.against.map((rival) => renderRival(rival, row.unit))]
}

function renderRival(rival: RivalSummary, unit: string): string {
  const name = pad(`  ${rival.name}`)
  if (rival.absent !== undefined) return `${name} absent: ${rival.absent}`
  const { figure, ratio, goal, verdict } = rival
  return `${name} ${formatSpread(figure)} ${unit}, ratio ${formatSpread(ratio)}${formatGoal(goal, verdict, ' ×')}`
}

function formatGoal({ floor, aim }: Goal = {}, verdict: Verdict, unit: string): string {
  const told = [
    floor !== undefined && `floor ${floor}${unit} ${verdict.floor ? 'holds' : 'FAILS'}`,
    aim !== undefined && `aim ${aim}${unit} ${verdict.aim ? 'reached' : 'not yet'}`,
  ].filter(Boolean)
  return told.length > 0 ? `  [${told.join(', ')}]` : ''
}

function formatSpread({ min, median, max }: Spread): string {
  return [min, median, max].map(formatNumber).join(' / ')
}

function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
}

const pad = (text: string) => text.padEnd(42)
