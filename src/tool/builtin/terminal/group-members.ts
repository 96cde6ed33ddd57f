import { readdir, readFile } from 'node:fs/promises'

/**
 * The processes of a group that run, on Linux; undefined where that cannot be told. Who has ended and was not asked how stays in the
 * group, for good where the first process of a container asks nobody, but runs no more. `known`: only these are looked at.
 */
export async function runningIn(group: number, known?: readonly string[]): Promise<readonly string[] | undefined> {
  const pids = known ?? (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const running = await Promise.all(pids.map((pid) => runs(pid, group)))
  return pids.length === 0 ? undefined : pids.filter((_, at) => running[at])
}

const ENDED = ['Z', 'X']

async function runs(pid: string, group: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // none: it is gone; a name may hold anything
  const [state = 'X', , itsGroup] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(itsGroup) === group && !ENDED.includes(state)
}
