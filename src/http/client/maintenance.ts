import type { CacheControl, Collected } from '../../runtime/ports/maintenance.ts'
import type { Backup } from '../../store/backup.ts'
import type { Asking } from './request.ts'

/** What keeps the data folder of a server safe and small, as a client has it. */
export interface MaintenanceClient {
  /** `file` is absolute. */
  backup(file: string, options?: { readonly force?: boolean }, signal?: AbortSignal): Promise<Backup>
  gc(options?: { readonly dryRun?: boolean }, signal?: AbortSignal): Promise<Collected>
  readonly cache: CacheControl
}

/** The upkeep of a server. */
export function maintenanceClient({ get, post }: Asking): MaintenanceClient {
  return {
    backup: (file, options = {}, signal) => post('/backup', { file, ...options }, signal),
    gc: (options = {}, signal) => post('/gc', options, signal),
    cache: { report: () => get('/cache'), drop: (what) => post('/cache/drop', what) },
  }
}
