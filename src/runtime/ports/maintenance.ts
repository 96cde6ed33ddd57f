import type { Problem } from '../../errors.ts'
import type { CacheCounts } from '../../store/cache/cache.ts'
import type { PoolStats } from '../../worker/pool/pool.ts'

/** What this process is doing: counts since it started, times in ms. */
export type RuntimeStatus = {
  readonly pid: number
  readonly startedAt: number
  readonly data: string
  readonly model: { readonly id: string; readonly offline: boolean; readonly why: string }
  /** absent on Restate, where the server counts */
  readonly engine?: {
    readonly turns: number
    readonly commits: number
    readonly flushes: number
    /** written to the log, and to the tables of what is over */
    readonly bytes: number
    /** actors in memory, and messages that wait for them */
    readonly residents: number
    readonly waiting: number
    /** answers, errors and timers for actors that are gone */
    readonly dropped: number
    /** effects that came to their end after their turn was over */
    readonly late: number
  }
  /** the server, and what this application is called there; absent on libSQL */
  readonly restate?: RestateStatus
  readonly pools: readonly PoolStats[]
  /** of kept replies; absent while none was asked for */
  readonly cache?: CacheCounts
  /** why what is kept no longer could not be removed the last time */
  readonly retention?: Problem
  /** what is missing of acknowledged work, where this process opened the data folder without it */
  readonly loss?: Problem
  readonly active: readonly string[]
}

/** A Restate server, or several that are one cluster: where they are asked, where messages go in, and by which name this application's services begin there. */
export type RestateStatus = {
  readonly version: string
  readonly admin: readonly string[]
  readonly ingress: readonly string[]
  readonly namespace: string
  /** by which nodes hear each other's volatile events, and why they do not, when they do not */
  readonly redis?: { readonly url: string; readonly problem?: string }
}
