import type { Json } from '../../../kernel/schema.ts'
import type { LoopKind, LoopWork } from '../../plan/compiled.ts'
import type { ItemValue } from '../values/item-values.ts'

/** What the steps of one iteration came to, by their ids. */
export type Row = { readonly [child: string]: ItemValue }

/** Why a loop ended: its list did, a condition said so, it turned as often as it may, a step failed or took too long. */
export type End = 'list' | 'condition' | 'max_iterations' | 'error' | 'timeout'

/** All that a loop's result is made of; `ms`: what its steps took. */
type Gathered = {
  readonly loop: LoopWork
  readonly id: string
  readonly rows: readonly Row[]
  readonly list: readonly Json[]
  readonly end: End
  readonly most: number
  readonly ms: number
}
type Fields = { readonly [name: string]: unknown }

/** What a loop came to, in the shape of its kind. */
export function resultOf(gathered: Gathered): Json {
  return { ...SHAPES[gathered.loop.kind](gathered), loop_id: gathered.id } as Json
}

const SHAPES: { readonly [kind in LoopKind]: (gathered: Gathered) => Fields } = {
  for_each: ({ rows, end }) => ({
    iterations: rows.length,
    results: rows,
    completed: !isBroken(end),
    success: isSuccess(rows, end),
  }),
  foreach: ({ rows, end }) => {
    const items = rows.map((row) => Object.values(row)[0] ?? null)
    const [succeeded, failed] = ['completed', 'failed'].map(
      (status) => items.filter((item) => item?.status === status).length,
    ) as [number, number]
    const counts = { iterations: items.length, succeeded, failed, success_rate: rateOf(succeeded, succeeded + failed) }
    return { results: items, ...counts, completed: !isBroken(end), success: isSuccess(rows, end) }
  },
  while: ({ rows, end }) => ({
    iterations: rows.length,
    iteration_count: rows.length,
    results: rows,
    status: isBroken(end) ? 'failed' : 'completed',
    completed: end === 'condition',
    terminated_by: end,
    success: isSuccess(rows, end),
  }),
  action_loop: ({ rows, end, ms, most }) => ({
    success: isSuccess(rows, end),
    iterations_completed: rows.length,
    terminated_by: end,
    total_duration: ms / 1000,
    all_results: rows.map((results, iteration) => ({ iteration, duration: secondsOf(results), results })),
    final_results: rows.at(-1) ?? {},
    loop_statistics: statisticsOf(rows, end, most),
  }),
  queue: ({ loop, rows, list, id, end }) => {
    const results = rows.map((row, index) => ({
      queue_index: index,
      item: list[index] ?? null,
      result: itemResult(row, loop),
      status: statusOf(row),
    }))
    const successful = results.filter(({ status }) => status === 'completed').length
    return {
      parallel_queue_id: id,
      total_items: list.length,
      successful_items: successful,
      failed_items: results.length - successful,
      completion_rate: rateOf(successful, list.length),
      failure_rate: list.length === 0 ? 0 : (results.length - successful) / list.length,
      results,
      completed: !isBroken(end),
      success: isSuccess(rows, end),
    }
  },
}

const isBroken = (end: End) => end === 'error' || end === 'timeout'
const hasFailed = (row: Row) => Object.values(row).some(({ status }) => status === 'failed')
const statusOf = (row: Row) => (hasFailed(row) ? 'failed' : 'completed')

/** Whether nothing failed, be it that this was allowed to. */
function isSuccess(rows: readonly Row[], end: End): boolean {
  return !isBroken(end) && !rows.some(hasFailed)
}

/** Of nothing all is well. */
function rateOf(good: number, all: number): number {
  return all === 0 ? 1 : good / all
}

function secondsOf(row: Row): number {
  return Object.values(row).reduce((sum, { duration = 0 }) => sum + duration, 0) / 1000
}

function statisticsOf(rows: readonly Row[], end: End, most: number): Fields {
  const values = rows.flatMap((row) => Object.values(row)).filter(({ status }) => status !== 'skipped')
  const errors = values.filter(({ status }) => status === 'failed').length
  return {
    iterations_completed: rows.length,
    max_iterations: most,
    terminated_by: end,
    total_actions_executed: values.length,
    total_errors: errors,
    success_rate: rateOf(values.length - errors, values.length),
  }
}

/** Of one action what it came to, of several that by their names. */
function itemResult(row: Row, { body }: LoopWork): ItemValue | Row | null {
  return body.length > 1 ? row : (Object.values(row)[0] ?? null)
}
