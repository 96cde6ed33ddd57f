import type { BudgetPeriod } from '../../../model/choose/model-facts.ts'

/** What `budget_period:` may say, and in what the calls of models together may cost no more than the limit then; a task is a call. */
export const PERIODS: readonly (readonly [word: string, within?: BudgetPeriod])[] = [
  ['per-task'],
  ['per-pipeline', 'run'],
  ['per-hour', 'hour'],
  ['per-day', 'day'],
]

/** Those words. */
export const PERIOD_WORDS: readonly string[] = PERIODS.map(([word]) => word)
