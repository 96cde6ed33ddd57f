import { createHistogram, type Histogram } from './histogram.ts'

/** What a pool counts. */
export type Counts = {
  running: number
  done: number
  failed: number
  /** begun once more because a worker died */
  retried: number
  /** ended after their time was over: what they came to is dropped */
  late: number
  /** stood in for a task that came to nothing elsewhere */
  fallbacks: number
  /** ms that tasks waited, those that began at once too, and ms that they ran */
  readonly wait: Histogram
  readonly run: Histogram
}

export const createCounts = (): Counts => ({
  running: 0,
  done: 0,
  failed: 0,
  retried: 0,
  late: 0,
  fallbacks: 0,
  wait: createHistogram(),
  run: createHistogram(),
})
