import { readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from './scratch/remove.ts'

/** All names of scratch folders, cgroups and containers begin with it. */
export const SANDBOX_PREFIX = 'antiphon-sandbox-'

/** The prefix of all scratch folders, cgroups and containers of this process: it identifies the process. */
export async function ownPrefix(): Promise<string> {
  return `${SANDBOX_PREFIX}${process.pid}-${(await startOf(process.pid)) ?? 'unknown'}`
}

/** Removes the scratch folders in `base` whose process has ended. Safe while other processes make and use theirs. */
export async function removeAbandoned(base: string): Promise<void> {
  for (const path of await abandonedIn(base)) await removeTree(path).catch(() => {})
}

/** Removes the empty cgroups in `base` whose process has ended. */
export async function removeAbandonedCgroups(base: string): Promise<void> {
  for (const path of await abandonedIn(base)) await rmdir(path).catch(() => {})
}

async function abandonedIn(base: string): Promise<readonly string[]> {
  const names = (await readdir(base).catch(() => [])).filter((name) => name.startsWith(SANDBOX_PREFIX))
  const gone = await Promise.all(names.map(isAbandoned))
  return names.filter((_, index) => gone[index]).map((name) => join(base, name))
}

/** Whether the process that a name identifies has ended. */
export async function isAbandoned(name: string): Promise<boolean> {
  const [pid, start] = name.slice(SANDBOX_PREFIX.length).split('-')
  const running = await startOf(Number(pid))
  if (running !== undefined) return running !== start
  return !isAlive(Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * The start time of a process, in ticks since the boot, on Linux: it distinguishes processes with the same id. A
 * process that has ended and whose parent does not know it yet is `ended`.
 */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? 'ended' : fields[19]
}
