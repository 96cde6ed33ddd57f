import type { CacheDrop, CacheDropped } from '../../contract/documents/cache.ts'
import type { Collected } from '../../contract/documents/system.ts'
import type { Backup } from '../../store/backup/document.ts'
import type { BackupOptions } from '../../store/backup.ts'
import type { CacheReport } from '../../store/cache/report.ts'

export type { CacheDrop, CacheDropped } from '../../contract/documents/cache.ts'
export type { Collected, Items, RestateStatus, RuntimeStatus } from '../../contract/documents/system.ts'
export type { PoolDocument, PoolsDocument } from '../../worker/report.ts'

/** The cached model replies of a runtime. */
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
  /** Writes all acknowledged work into one file while work goes on; `antiphon restore` makes a data folder from it. */
  backup(file: string, options?: BackupOptions): Promise<Backup>
  /** Deletes work that ended long ago; this also happens periodically. `dryRun` only lists it. */
  gc(options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<Collected>
  /** The cached model replies. */
  readonly cache: CacheControl
}
