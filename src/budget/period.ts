import type { BudgetScope } from './scope.ts'

const HOUR = 3600_000
/** The length of a period's name in an ISO time, and its duration in ms. */
const PERIODS = { day: { digits: 10, length: 24 * HOUR }, hour: { digits: 13, length: HOUR } } as const
type Period = keyof typeof PERIODS

/** The period of a budget; undefined: none. */
export function periodOf({ kind }: Pick<BudgetScope, 'kind'>): Period | undefined {
  if (kind.endsWith('-day')) return 'day'
  return kind.endsWith('-hour') ? 'hour' : undefined
}

/** The day (`2026-03-01`) or hour (`2026-03-01T22`) of a time, in UTC; undefined for scopes that ignore both. */
export function periodAt(scope: Pick<BudgetScope, 'kind'>, time: number): string | undefined {
  const period = periodOf(scope)
  return period && new Date(time).toISOString().slice(0, PERIODS[period].digits)
}

/** The end of a day or an hour: ms since the epoch. */
export function periodEnd(period: string): number {
  return periodStart(period) + (isDay(period) ? PERIODS.day : PERIODS.hour).length
}

/** Whether a day or an hour is the one right before another. */
export function isRightBefore(period: string, other: string): boolean {
  return isDay(period) === isDay(other) && periodEnd(period) === periodStart(other)
}

const isDay = (period: string) => period.length === PERIODS.day.digits

const periodStart = (period: string) => Date.parse(isDay(period) ? `${period}T00:00Z` : `${period}:00Z`)
