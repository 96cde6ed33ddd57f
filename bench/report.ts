import type { Machine } from './machine.ts'
import type { Presence } from './peers/peers.ts'
import type { RowSummary } from './summary.ts'

/** All that one run of the bench measured. */
export type Report = {
  readonly concern: 'engine'
  /** ISO 8601 */
  readonly at: string
  readonly rounds: number
  /** of each measurement, after its warm-up */
  readonly seconds: number
  readonly machine: Machine
  /** those that the rows name, by the subject of their measurements */
  readonly peers: readonly Presence[]
  readonly rows: readonly RowSummary[]
}
