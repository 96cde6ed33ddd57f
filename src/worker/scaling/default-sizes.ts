import type { Topology } from './topology.ts'

/** The minimum and the maximum number. */
export type SizeRange = { readonly min: number; readonly max: number }

/** Default sizes for a machine. Threads bound computation, and actions the concurrency of waiting work. */
export type PoolSizes = {
  /** most threads for all computing; `learning`: for work that may wait, zero if it needs an idle machine */
  readonly threads: SizeRange & { readonly learning: number; readonly megabytes: number }
  /** concurrent tools and models per pool */
  readonly actions: SizeRange
}

type SizeOptions = {
  /** MB for one thread */
  readonly megabytes?: number
  /** the ratio of waiting time to computing time */
  readonly waiting?: number
}

const MEGABYTES = 128
/** A tool or a model call waits nearly all the time. */
const IO_WAIT_RATIO = 15
const MAX_ACTIONS = 64
/** Minimum slots of a pool for work that hardly computes. */
const HANDS = 10
/** Maximum share of memory for threads. */
const THREADS_SHARE = 0.5

/** The sizes for a machine: every minimum is at least one and no more than its maximum, on the smallest machine too. */
export function sizesOf(
  { cores, physical, memory }: Topology,
  { megabytes = MEGABYTES, waiting = IO_WAIT_RATIO }: SizeOptions = {},
): PoolSizes {
  const room = Math.floor((THREADS_SHARE * memory) / (megabytes * 2 ** 20))
  // two threads that compute on the same core do little more work than one
  const threads = Math.max(1, Math.min(cores - 1, physical, room))
  const actions = Math.max(HANDS, Math.min(MAX_ACTIONS, ioBound(2 * cores, waiting)))
  return {
    threads: { min: 1, max: threads, learning: threads - 1, megabytes },
    actions: { min: HANDS, max: actions },
  }
}

/** The concurrency for work that waits `waiting` times as long as it computes. */
export const ioBound = (cores: number, waiting: number): number => Math.max(1, Math.floor(cores * (1 + waiting)))
