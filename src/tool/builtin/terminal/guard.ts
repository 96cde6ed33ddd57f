import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'

let found: Promise<readonly string[]> | undefined

/**
 * Words to put before a program, on Linux with util-linux; none elsewhere. By `setpriv` the kernel kills it when its parent dies, even by
 * SIGKILL: this holds for the program itself, not for its children. By `prlimit` it and all that it starts are marked as a tool's (see lockLimit).
 */
export function guardCommand(): Promise<readonly string[]> {
  found ??= probeAll()
  return found
}

async function probeAll(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return []
  const mark = markBelow(await fileLockLimit('self'))
  const marking = mark === undefined ? [] : await probe('prlimit', [`--locks=${mark}:${mark}`, '--'])
  return [...(await probe('setpriv', ['--pdeathsig', 'KILL', '--'])), ...marking]
}

/** The program by its path, since a command may be given a PATH on which it is not; none when it does not work here. */
async function probe(name: string, args: readonly string[]): Promise<readonly string[]> {
  const path = await findProgram(name, '/', process.env.PATH ?? '')
  if (path === undefined) return []
  try {
    await promisify(execFile)(path, [...args, 'true'], { timeout: 5000 })
    return [path, ...args]
  } catch {
    return []
  }
}

/**
 * The hard limit of file locks that a process may hold, on Linux; undefined where that cannot be told. Linux itself ignores this limit, every
 * process inherits it from the one that starts it, and only root raises it: so a lowered one marks the processes of tools for good, whatever
 * group, session or environment they choose for themselves.
 */
export async function fileLockLimit(pid: number | 'self'): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/limits`, 'latin1').catch(() => '')
  const [, hard] = /^Max file locks +\S+ +(\S+)/m.exec(text) ?? []
  if (hard === undefined) return undefined
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** The limit that marks what a process with that limit starts; undefined where none is lower. */
function markBelow(limit: number | undefined): number | undefined {
  if (limit === undefined || limit === 0) return undefined
  return Math.min(limit - 1, MAX_LOCK_LIMIT)
}

const MAX_LOCK_LIMIT = 1_000_000_000
