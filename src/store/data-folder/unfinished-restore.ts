import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'

/** The working folder of a restore. It exists from start to end, and after a crash. */
export const restoreDraftPath = (data: string) => join(data, 'restoring')

export const isHalfRestored = (data: string): boolean => existsSync(restoreDraftPath(data))

export const RESTORE_AGAIN_HINT = 'Restore it again: antiphon restore FILE --data DIR. Or delete the folder.'

export function halfRestoredError(data: string): TerminalError {
  return new TerminalError(`The data folder ${data} is incomplete: a restore into it did not finish.`, {
    code: 'half_restored',
    hint: RESTORE_AGAIN_HINT,
  })
}
