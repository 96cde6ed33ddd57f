import type { AskedSet } from './asked.ts'
import type { Estimate } from './sample.ts'

/**
 * What `npm run bench -- offline --json` prints. Fields are added, never renamed. A figure is the mean over the labels of one half
 * with its bootstrap interval of 95 %.
 *
 *     { concern: 'offline', at, embedder: 'offline' | 'none',
 *       rows: [{ task, measure, method, tune?: { n, mean, low, high }, held?: { n, mean, low, high },
 *              held2?: { n, mean, low, high } }] }
 */
export type OfflineReport = {
  readonly concern: 'offline'
  /** ISO 8601 */
  readonly at: string
  /** none: meaning was not measured, because it was not asked for or the package is not there */
  readonly embedder: 'offline' | 'none'
  readonly rows: readonly OfflineRow[]
}

export type OfflineRow = {
  readonly task: string
  readonly measure: string
  readonly method: string
} & { readonly [half in AskedSet]?: Estimate }
