import type { Problem } from '../../errors.ts'
import type { Backup, BackupOptions } from '../../store/backup.ts'
import type { CacheCounts, CacheRemoved, CacheReport } from '../../store/cache/cache.ts'
import type { PoolStats } from '../../worker/pool/pool.ts'
import type { ResourceStats } from '../../worker/resources.ts'
import type { ScaleDecision } from '../../worker/scaling/autoscale.ts'
import type { WorkPoolReport } from '../../worker/work-pool.ts'

/** The status of this process: counts since it started, times in ms. */
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
  /** cache counts; absent until the cache is used */
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

/** Selects cached replies to drop: by model, owner or tag (a tag of a step, `model/ID`, `owner/NAME`), or all. */
export type CacheDrop =
  | { readonly model: string }
  | { readonly owner: string }
  | { readonly tag: string }
  | { readonly all: true }

/** The dropped tag (absent: everything), and the removed entries per layer. */
export type CacheDropped = { readonly tag?: string; readonly removed: readonly CacheRemoved[] }

/** The replies that a runtime keeps, to be looked at and dropped. */
export interface CacheControl {
  /** Contents and hits per layer since this process started. */
  report(): Promise<CacheReport>
  /**
   * Invalidates cached replies, including those in flight. Nodes that share a Redis server all know
   * it; other nodes do not.
   * @throws RetryableError if the drop could not be recorded
   */
  drop(what: CacheDrop): Promise<CacheDropped>
}

/** Backup, retention and cache of a data folder. */
export interface MaintenancePort {
  /** Writes all that was acknowledged so far into one file while work goes on; `restore` makes a data folder of it. */
  backup(file: string, options?: BackupOptions): Promise<Backup>
  /** Deletes work that ended long ago; this also happens periodically. `dryRun` only lists it. */
  gc(options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<Collected>
  /** The replies that are kept, to be given again. */
  readonly cache: CacheControl
}

/**
 * The items that retention deleted, or would with `dryRun`. Bytes are the size of the data; the
 * database file reuses the space.
 */
export type Collected = { readonly dryRun: boolean; readonly items: readonly Items[] }

/** Things of one kind that go for one reason; `ids` are the first of them. */
export type Items = {
  readonly what: 'run' | 'thread' | 'dead letter' | 'audit' | 'blob' | 'draft'
  readonly why: string
  readonly count: number
  readonly bytes: number
  readonly ids: readonly string[]
}

/** A pool as it is shown: all that is known of it, with times in ms; `last` is the last change of its size, its `at` in ms since the epoch. */
export type PoolDocument = Omit<WorkPoolReport, 'last'> & { readonly last?: ScaleDecision }

/** The pools of a runtime, and what they share. */
export type PoolsDocument = { readonly items: readonly PoolDocument[]; readonly resources: readonly ResourceStats[] }
