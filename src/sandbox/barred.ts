import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TerminalError } from '../errors.ts'
import type { Mount } from './sandbox.ts'
import { NOBODY, runsAsRoot } from './scratch/owner.ts'

/** The folder or file that denies a path to the user nobody, with the rights it `needed`; undefined: none does. */
export async function barredFor(path: string, needed: number): Promise<string | undefined> {
  const above = dirname(path)
  const barred = above === path ? undefined : await barredFor(above, 0o1)
  if (barred !== undefined) return barred
  const { mode, uid } = await stat(path)
  const bits = uid === NOBODY ? mode >> 6 : mode
  return (bits & needed) === needed ? undefined : path
}
/** Refuses paths that commands could not see: nobody enters no folder that only its owner may enter. */
export async function checkMounts(mounts: readonly Mount[]): Promise<void> {
  if (!runsAsRoot()) return
  // a single file in a folder that commands may change is as readable as before
  const isCovered = (path: string) => mounts.some((other) => other.write && path.startsWith(`${other.path}/`))
  for (const { path, write, hidden } of mounts) {
    if (hidden || (!write && isCovered(path))) continue
    const barred = await barredFor(path, write ? 0o7 : 0o5)
    if (barred !== undefined)
      throw new TerminalError(
        `The sandbox cannot show ${path}: the user nobody may not ${write ? 'change' : 'read'} ${barred}.`,
        {
          code: 'sandbox_path',
          hint: `Run antiphon as a user other than root, or give the folder to all: \`chmod o+${write ? 'rwx' : 'rx'}\`.`,
        },
      )
  }
}
