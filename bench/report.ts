import type { Machine } from './machine.ts'
import type { Presence } from './peers/peers.ts'
import type { RowSummary } from './summary.ts'

/** A row that was not measured, and why. */
export type Skipped = { readonly name: string; readonly reason: string }

/**
 * All that one run of the bench measured: what `--json` prints, as JSON. Fields are added, never renamed. A spread is `{ min, median,
 * max }` over the rounds; a verdict `{ floor?, aim? }` says by the median whether what was promised is reached; a row or a rival that
 * could not be measured has `absent`, with the reason, instead of figures.
 *
 *     { concern: 'engine' | 'pipeline' | 'cluster' | 'http' | 'pool' | 'tools' | 'agent', at, rounds, warmUp, seconds,
 *       machine: { system, processor, cores, node, libsql, sqlite, synchronous, sync: { p50, p99 }, delay },
 *       peers: [{ title, version, address? } | { title, absent }],
 *       skipped?: [{ name, reason }],
 *       rows: [{ name, title, unit, better, goal?, ours, verdict, p99?, batch?,
 *                against: [{ name, goal?, figure, ratio, verdict, p99? } | { name, goal?, absent }] } | { name, title, …, absent }] }
 */
export type Report = {
  readonly concern: 'engine' | 'pipeline' | 'cluster' | 'http' | 'pool' | 'tools' | 'agent'
  /** ISO 8601 */
  readonly at: string
  readonly rounds: number
  /** seconds of each measurement, before it counts */
  readonly warmUp: number
  /** of each measurement, after its warm-up */
  readonly seconds: number
  readonly machine: Machine
  /** those that the rows name, by the subject of their measurements */
  readonly peers: readonly Presence[]
  /** what this machine cannot count */
  readonly skipped?: readonly Skipped[]
  readonly rows: readonly RowSummary[]
}
