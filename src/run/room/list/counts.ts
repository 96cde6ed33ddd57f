import type { RunCounts } from '../documents.ts'

/** The counts of several owners in one. Pure. */
export function sumCounts(all: readonly RunCounts[]): RunCounts {
  const sum = (status: Exclude<keyof RunCounts, 'more'>) => all.reduce((total, one) => total + one[status], 0)
  return {
    running: sum('running'),
    waiting: sum('waiting'),
    completed: sum('completed'),
    failed: sum('failed'),
    cancelled: sum('cancelled'),
    ...(all.some(({ more }) => more) && { more: true as const }),
  }
}
