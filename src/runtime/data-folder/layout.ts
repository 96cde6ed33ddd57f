import { join } from 'node:path'
import { writeBackup } from '../../store/backup.ts'
import type { Pool } from '../../worker/pool/pool.ts'
import type { Runtime } from '../ports.ts'

/** What lies where in a data folder. */
export const placesIn = (data: string) => ({ database: join(data, 'engine.db'), blobs: join(data, 'blobs') })

type Parts = { readonly data: string; readonly housekeeping: Pool; readonly ending: AbortSignal }

/** What a runtime does to be there again after its disk is not; it waits for a sweep, which must not take what it copies. */
export function runtimeBackup({ data, housekeeping, ending }: Parts): Pick<Runtime, 'backup'> {
  return {
    backup: (file, { force = false, signal = ending } = {}) =>
      housekeeping.submit({
        signal: AbortSignal.any([signal, ending]),
        run: (until) => writeBackup(placesIn(data), file, { force, signal: until }),
      }),
  }
}
