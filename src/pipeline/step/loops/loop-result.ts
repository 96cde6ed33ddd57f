import type { Json } from '../../../kernel/schema.ts'
import type { ItemValue } from '../../../step/record/item-values.ts'
import type { LoopShape } from '../../../step/record/outcome.ts'
import type { LoopWork } from '../../plan/compiled.ts'

/** The results of one iteration's steps, by their ids. */
export type IterationRow = { readonly [child: string]: ItemValue }

/** The reason why a loop ended: the end of its list, a condition, its limit, a failed step, or its timeout. */
export type LoopEndReason = 'list' | 'condition' | 'max_iterations' | 'error' | 'timeout'

/** Everything a loop's result is made of. `ms`: the time its steps took. */
type GatheredLoop = {
  readonly loop: LoopWork
  readonly id: string
  readonly rows: readonly IterationRow[]
  readonly list: readonly Json[]
  readonly end: LoopEndReason
  readonly most: number
  readonly ms: number
}
type Fields = { readonly [name: string]: unknown }

/** The result of a loop, in its shape. */
export function loopResult(gathered: GatheredLoop): Json {
  return { ...SHAPES[gathered.loop.shape](gathered), loop_id: gathered.id }
}

const SHAPES: { readonly [shape in LoopShape]: (gathered: GatheredLoop) => Fields } = {
  for_each: ({ rows, end }) => ({
    iterations: rows.length,
    results: rows,
    completed: !hasFailedEnd(end),
    success: isSuccess(rows, end),
  }),
  foreach: ({ rows, end }) => {
    const items = rows.map((row) => Object.values(row)[0] ?? null)
    const [succeeded, failed] = ['completed', 'failed'].map(
      (status) => items.filter((item) => item?.status === status).length,
    ) as [number, number]
    const counts = { iterations: items.length, succeeded, failed, success_rate: rateOf(succeeded, succeeded + failed) }
    return { results: items, ...counts, completed: !hasFailedEnd(end), success: isSuccess(rows, end) }
  },
  while: ({ rows, end }) => ({
    iterations: rows.length,
    iteration_count: rows.length,
    results: rows,
    status: hasFailedEnd(end) ? 'failed' : 'completed',
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
      status: hasFailed(row) ? 'failed' : 'completed',
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
      completed: !hasFailedEnd(end),
      success: isSuccess(rows, end),
    }
  },
}

const hasFailedEnd = (end: LoopEndReason) => end === 'error' || end === 'timeout'
const hasFailed = (row: IterationRow) => Object.values(row).some(({ status }) => status === 'failed')

/** Whether nothing failed, including failures that were allowed. */
function isSuccess(rows: readonly IterationRow[], end: LoopEndReason): boolean {
  return !hasFailedEnd(end) && !rows.some(hasFailed)
}

/** The rate of no items is 1. */
const rateOf = (good: number, all: number): number => (all === 0 ? 1 : good / all)

function secondsOf(row: IterationRow): number {
  return Object.values(row).reduce((sum, { duration = 0 }) => sum + duration, 0) / 1000
}

function statisticsOf(rows: readonly IterationRow[], end: LoopEndReason, most: number): Fields {
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

/** The result of a single action, or the results of several by their names. */
function itemResult(row: IterationRow, { body }: LoopWork): ItemValue | IterationRow | null {
  return body.length > 1 ? row : (Object.values(row)[0] ?? null)
}
