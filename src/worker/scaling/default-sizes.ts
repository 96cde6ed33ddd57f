import type { Topology } from './topology.ts'

/** How many there are at least and at most. */
export type SizeRange = { readonly min: number; readonly max: number }

/** The sizes that follow from a machine. Threads are for what computes; of what waits there is a bound on how much does at once. */
export type PoolSizes = {
  /** threads for all kinds of computing together; `learning` of them at most for what may wait, none when it has to be idle */
  readonly threads: SizeRange & { readonly learning: number; readonly megabytes: number }
  /** tools and models under way at once in one pool */
  readonly actions: SizeRange
  readonly feedback: number
  readonly recovery: number
  readonly memory: { readonly reads: number; readonly writes: number; readonly maintenance: number }
  /** of one database: who reads beside the one who writes */
  readonly readers: number
  readonly environment: { readonly monitor: number; readonly health: number; readonly state: number }
  /** threads that Node itself needs for files and names */
  readonly system: number
  /** what no pool and all threads together never exceed */
  readonly limits: { readonly threads: number; readonly pool: number }
}

/** What sizes follow from beside the machine. */
export type SizeOptions = {
  /** MB that one thread may use */
  readonly megabytes?: number
  /** how long work waits for each moment that it computes */
  readonly waiting?: number
}

const MEGABYTES = 128
/** A tool or a model call waits nearly all of its time. */
const IO_WAIT_RATIO = 15
const MAX_ACTIONS = 64
/** How many hands a pool has for what hardly computes, however few cores there are. */
const HANDS = 10
/** Of the memory threads get at most so much. */
const THREADS_SHARE = 0.5

/** The sizes for a machine: every minimum is at least one and no more than its maximum, on the smallest machine too. */
export function sizesOf(
  { cores, physical, memory }: Topology,
  { megabytes = MEGABYTES, waiting = IO_WAIT_RATIO }: SizeOptions = {},
): PoolSizes {
  const room = Math.floor((THREADS_SHARE * memory) / (megabytes * 2 ** 20))
  // two that compute and share a core do little more than one
  const threads = Math.max(1, Math.min(cores - 1, physical, room))
  const actions = Math.max(HANDS, Math.min(MAX_ACTIONS, ioBound(2 * cores, waiting)))
  return {
    threads: { min: 1, max: threads, learning: threads - 1, megabytes },
    actions: { min: HANDS, max: actions },
    feedback: Math.max(2, cores),
    recovery: Math.max(1, Math.floor(cores / 2)),
    memory: { reads: 2 * cores, writes: 2 * cores, maintenance: Math.max(1, Math.floor(cores / 4)) },
    readers: Math.min(4, cores),
    environment: { monitor: 1, health: 1, state: 2 },
    system: Math.min(16, Math.max(4, cores + 2)),
    limits: { threads: 4 * cores, pool: Math.max(MAX_ACTIONS, 8 * cores) },
  }
}

/** How many may be under way that wait `waiting` times as long as they compute. */
export function ioBound(cores: number, waiting: number): number {
  return Math.max(1, Math.floor(cores * (1 + waiting)))
}
