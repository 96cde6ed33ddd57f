import type { Half } from '../offline/labels.ts'
import { alignFigures, type QualityGoal, renderGoal } from '../quality.ts'
import type { ChainCost, ChainRow } from './figures.ts'
import type { Kind } from './sets.ts'

/** What `npm run bench -- chain --json` prints. Fields are added, never renamed. */
export type ChainReport = {
  readonly concern: 'chain'
  /** ISO 8601 */
  readonly at: string
  readonly model: string
  readonly embedder: 'offline' | 'none'
  /** the checks of the answers of the chain; absent: none */
  readonly checks?: readonly string[]
  readonly rows: readonly ChainRow[]
  readonly costs: readonly ChainCost[]
  /** absent for a sample, or without the half `held` */
  readonly goals?: readonly QualityGoal[]
}

/** The floors and aims of the chain, by its answers to the half `held`. */
export function goalsOf(rows: readonly ChainRow[], costs: readonly ChainCost[]): readonly QualityGoal[] {
  const of = (kind: Kind, method = 'chain') =>
    rows.find((row) => row.kind === kind && row.half === 'held' && row.method === method)
  const above = (kind: Kind) => (of(kind)?.right ?? 0) - (of(kind, 'one call')?.right ?? 0)
  const ms = (method: string) => costs.find((cost) => cost.half === 'held' && cost.method === method)?.ms ?? 0
  const times = ms('chain') / ms('one call')
  const stray = rows
    .filter(({ half, method }) => half === 'held' && method === 'chain')
    .reduce((sum, { numbers }) => sum + numbers, 0)
  const floor = (name: string, value: number, holds: boolean) => ({ name, isFloor: true, value, holds })
  const aim = (name: string, value: number, holds: boolean) => ({ name, isFloor: false, value, holds })
  const code = of('code')?.right ?? 0
  const refused = of('unanswerable')?.rightlyRefused ?? 0
  return [
    floor('numbers that stand nowhere', stray, stray === 0),
    ...(['two-part', 'code'] as const).map((kind) => floor(`${kind} above one call`, above(kind), above(kind) >= 0)),
    ...(['two-part', 'code'] as const).map((kind) =>
      aim(`${kind} .25 above one call`, above(kind), above(kind) >= 0.25),
    ),
    aim('code right, .70', code, code >= 0.7),
    aim('unanswerable refused, .80', refused, refused >= 0.8),
    aim('single not .03 below one call', above('single'), above('single') >= -0.03),
    aim('time of one call, at most 2.5 ×', times, times <= 2.5),
  ]
}

/** The report as text: a table for each half. */
export function renderChain({ model, embedder, checks, rows, costs, goals }: ChainReport): string {
  const halves = [...new Set(rows.map(({ half }) => half))]
  return [
    [`model: ${model}`, `embedder: ${embedder}`, ...(checks ? [`checks: ${checks.join(', ')}`] : [])].join(' · '),
    ...halves.flatMap((half) => ['', ...tableOf(half, rows), '', ...costLines(half, costs)]),
    ...(goals ? ['', ...goals.map((goal) => renderGoal(goal, (value) => value.toFixed(2)))] : []),
  ].join('\n')
}

const COLUMNS = [
  ['right', 'right'],
  ['parts', 'parts'],
  ['cited', 'cited'],
  ['wrongly refused', 'wronglyRefused'],
  ['open part named', 'named'],
  ['rightly refused', 'rightlyRefused'],
  ['… or not sure', 'notSure'],
  ['wrong and sure', 'wrongAndSure'],
  ['failed a check', 'failed'],
] as const

/** A row in one line, for a person who watches. */
export function renderChainRow(row: ChainRow): string {
  const shown = COLUMNS.flatMap(([title, figure]) =>
    row[figure] === undefined ? [] : [`${title} ${written(row[figure])}`],
  )
  return `${row.kind} ${row.half}, ${row.method}: ${[...shown, `stray numbers ${row.numbers}`, `n ${row.questions}`].join(', ')}`
}

function tableOf(half: Half, rows: readonly ChainRow[]): readonly string[] {
  const lines = rows
    .filter((row) => row.half === half)
    .map((row) => [
      row.method === 'chain' ? row.kind : '',
      row.method,
      ...COLUMNS.map(([, figure]) => written(row[figure])),
      String(row.numbers),
      String(row.questions),
    ])
  return alignFigures([[half, '', ...COLUMNS.map(([title]) => title), 'stray numbers', 'n'], ...lines])
}

function costLines(half: Half, costs: readonly ChainCost[]): readonly string[] {
  const own = costs.filter((cost) => cost.half === half)
  const once = own.find(({ method }) => method === 'one call')!.ms
  return own.map(
    ({ method, calls, ms }) =>
      `${method}: ${calls.toFixed(1)} calls and ${ms.toFixed(0)} ms for each question, ${(ms / once).toFixed(2)} × one call`,
  )
}

const written = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2).replace(/^0/, ''))
