import type { Config } from '../../config/config.ts'
import { type Clock, type Engine, systemClock } from '../../engine/engine.ts'
import { fileLimits } from '../../file/settings.ts'
import { writeBackup } from '../../store/backup.ts'
import type { ManagedBlobs } from '../../store/blobs/blobs.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { createPool, type Pool } from '../../worker/pool/pool.ts'
import type { MaintenancePort } from '../ports/maintenance.ts'
import type { ClockTrust } from './retention/clock-trust.ts'
import { createRetention, type Retention } from './retention/retention.ts'
import type { FindReferences } from './retention/sweep.ts'

/** Retention of ended work: one job at a time, until closed. */
interface Housekeeping {
  readonly pool: Pool
  /** aborts when it closes */
  readonly ending: AbortSignal
  readonly retention: Retention
  close(): Promise<void>
}

type HousekeepingParts = {
  readonly config: Pick<Config, 'data' | 'retention' | 'files'>
  readonly parts: { readonly retentionClock?: Clock }
  readonly values: ManagedBlobs
  readonly trust: ClockTrust
  /** the kinds of actors that end with their run */
  readonly ofRuns: readonly string[]
}

/** Opens the pool and the retention of a runtime; `findReferences` finds the blobs that its engine refers to. */
export function openHousekeeping(
  { config, parts, values, trust, ofRuns }: HousekeepingParts,
  engine: Engine,
  findReferences: FindReferences,
): Housekeeping {
  const pool = createPool({ id: 'housekeeping_pool', workers: 1, queue: 10 })
  const ending = new AbortController()
  const retention = createRetention({
    data: config.data,
    engine,
    clock: parts.retentionClock ?? systemClock,
    trust,
    ofRuns,
    values,
    findReferences,
    limits: config.retention,
    unusedDays: fileLimits(config.files).unusedDays,
    housekeeping: pool,
    ending: ending.signal,
  })
  return {
    pool,
    ending: ending.signal,
    retention,
    async close() {
      ending.abort()
      await pool.close()
    },
  }
}

type BackupParts = { readonly data: string; readonly housekeeping: Pool; readonly ending: AbortSignal }

/** Backup of a runtime. It waits for a running sweep, which must not delete blobs being copied. */
export function runtimeBackup({ data, housekeeping, ending }: BackupParts): Pick<MaintenancePort, 'backup'> {
  return {
    backup: (file, { force = false, signal = ending } = {}) =>
      housekeeping.submit({
        signal: AbortSignal.any([signal, ending]),
        run: (until) => writeBackup(placesIn(data), file, { force, signal: until }),
      }),
  }
}
