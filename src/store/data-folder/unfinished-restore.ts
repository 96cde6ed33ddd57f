import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'

/** Where a restore writes before it puts things in their place. The folder is there from its beginning to its end, and after a kill. */
export const restoreDraftPath = (data: string) => join(data, 'restoring')

/** Whether a restore into the data folder has begun and not finished. */
export const isHalfRestored = (data: string): boolean => existsSync(restoreDraftPath(data))

/** The way on. */
export const RESTORE_AGAIN_HINT = 'Restore it again: antiphon restore FILE --data DIR. Or delete the folder.'

/** Refuses to work in such a folder. */
export function halfRestoredError(data: string): TerminalError {
  return new TerminalError(`The data folder ${data} is incomplete: a restore into it did not finish.`, {
    code: 'half_restored',
    hint: RESTORE_AGAIN_HINT,
  })
}
