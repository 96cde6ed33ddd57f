import { floorsOf } from './floors.ts'
import type { Report, Skipped } from './report.ts'
import type { Goal, Row } from './row.ts'
import type { RivalSummary, RowSummary, Spread, Verdict } from './summary.ts'

/** The report as text: a line per row, below it one for each rival, and which floors do not hold. */
export function renderReport({ machine, peers, rows, rounds, warmUp, seconds, skipped = [] }: Report): string {
  const { node, libsql, sqlite, synchronous, sync, delay, processor, cores, system } = machine
  return [
    `${cores} × ${processor}, ${system}, Node ${node}, libSQL ${libsql} (SQLite ${sqlite}), synchronous=${synchronous}`,
    `fsync ${sync.p50.toFixed(2)} ms (p99 ${sync.p99.toFixed(2)}) · idle loop delay p99 ${delay.toFixed(2)} ms · rounds: ${rounds} of ${seconds} s after ${warmUp} s of warm-up`,
    ...peers.map((peer) => `${peer.title}: ${peer.absent === undefined ? peer.version : `absent, ${peer.absent}`}`),
    '',
    ...alignColumns([HEAD, ...rows.flatMap(linesOf)]),
    ...renderSkipped(skipped),
    '',
    renderFloors(rows),
  ].join('\n')
}

type Line = readonly string[]

const HEAD: Line = [
  '',
  '',
  'min',
  'median',
  'max',
  'unit',
  'ratio min',
  'median',
  'max',
  'floor',
  'aim',
  'p99 ms',
  'per commit',
]
/** The columns with numbers, which stand on the right. */
const RIGHT: ReadonlySet<number> = new Set([2, 3, 4, 6, 7, 8, 11, 12])

function linesOf(row: RowSummary): readonly Line[] {
  const { name, title, unit, better } = row
  if (row.absent !== undefined) return [[name, title, `FAILED: ${row.absent}`]]
  const batch = row.batch === undefined ? '' : formatNumber(row.batch)
  const own = [
    name,
    title,
    ...formatSpread(row.ours),
    unit,
    '',
    '',
    '',
    ...formatGoal(row.goal, better, row.verdict),
    formatLatency(row),
    batch,
  ]
  return [own, ...row.against.map((rival) => lineOf(rival, better))]
}

function lineOf(rival: RivalSummary, better: Row['better']): Line {
  const name = `  ${rival.name}`
  if (rival.absent !== undefined) return ['', name, `absent: ${rival.absent}`]
  const { figure, ratio, goal, verdict } = rival
  return [
    '',
    name,
    ...formatSpread(figure),
    '',
    ...formatSpread(ratio),
    ...formatGoal(goal, better, verdict),
    formatLatency(rival),
  ]
}

/** The floor and the aim, and whether each is reached. */
export function formatGoal({ floor, aim }: Goal = {}, better: Row['better'], verdict: Verdict): Line {
  const sign = better === 'more' ? '≥' : '≤'
  return [
    floor === undefined ? '' : `${sign} ${floor.toLocaleString('en')} ${verdict.floor ? 'holds' : 'FAILS'}`,
    aim === undefined ? '' : `${sign} ${aim.toLocaleString('en')} ${verdict.aim ? 'reached' : 'not yet'}`,
  ]
}

const formatLatency = ({ p99 }: { readonly p99?: number }) => (p99 === undefined ? '' : formatNumber(p99))

function formatSpread({ min, median, max }: Spread): Line {
  return [min, median, max].map(formatNumber)
}

/** A figure as a person reads it; nothing can be a multiple of zero. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
}

function renderSkipped(skipped: readonly Skipped[]): readonly string[] {
  return skipped.map(({ name, reason }) => `${name} is skipped: ${reason}`)
}

/** What is said instead of figures is as long as it is. */
function alignColumns(lines: readonly Line[]): readonly string[] {
  const whole = lines.filter((line) => line.length > 3)
  const widths = HEAD.map((_, column) => Math.max(...whole.map((line) => line[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    RIGHT.has(column) && !cell.includes(':') ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
  return lines.map((line) => line.map(pad).join('  ').trimEnd())
}

function renderFloors(rows: readonly RowSummary[]): string {
  const floors = floorsOf(rows)
  const broken = floors.filter(({ holds }) => !holds).map(({ name }) => name)
  const held = `${floors.length - broken.length} of ${floors.length} floors hold`
  return broken.length === 0 ? `${held}.` : `${held}; not: ${broken.join(', ')}.`
}
