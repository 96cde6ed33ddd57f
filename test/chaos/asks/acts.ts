import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the processes of a folder have done outside, in order: no engine knows of it. */
export const actsIn = (folder: string): readonly string[] => linesOf(join(folder, 'acts'))

/** When a process dies by itself: `wait` ms after the folder has so many acts. */
export type DieAt = { readonly acts: number; readonly wait: number }

let death: DieAt | undefined

/** Lets this process die. */
export const dieAt = (at: DieAt | undefined) => {
  death = at
}

/** Does something outside. */
export function doIn(folder: string, act: string): void {
  appendFileSync(join(folder, 'acts'), `${act}\n`)
  if (!death || actsIn(folder).length !== death.acts) return
  const die = () => process.kill(process.pid, 'SIGKILL')
  if (death.wait === 0) die()
  else setTimeout(die, death.wait)
}

/** The lines of a file, which may be absent. */
export const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
