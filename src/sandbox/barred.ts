import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NOBODY } from './scratch.ts'

/** The folder or file that denies a path to the user nobody, with the rights it `needed`; undefined: none does. */
export async function barredFor(path: string, needed: number): Promise<string | undefined> {
  const above = dirname(path)
  const barred = above === path ? undefined : await barredFor(above, 0o1)
  if (barred !== undefined) return barred
  const { mode, uid } = await stat(path)
  const bits = uid === NOBODY ? mode >> 6 : mode
  return (bits & needed) === needed ? undefined : path
}
