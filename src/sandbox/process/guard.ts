import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'

let found: Promise<readonly string[]> | undefined

/**
 * A command prefix on Linux with util-linux; empty elsewhere. `setpriv` makes the kernel kill the
 * program when its parent dies, even by SIGKILL. That covers the program, not its children.
 * `prlimit` marks the program and its children as started by a tool (see fileLockLimit).
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

/** Uses an absolute path: the command may run with another PATH. Empty if the program does not work here. */
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
 * The hard limit of file locks of a process, on Linux; undefined if unknown. Linux ignores this
 * limit, every child inherits it, and only root can raise it. A lowered limit therefore marks all
 * processes of a tool, whatever group, session or environment they choose.
 */
export async function fileLockLimit(pid: number | 'self'): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/limits`, 'latin1').catch(() => '')
  const [, hard] = /^Max file locks +\S+ +(\S+)/m.exec(text) ?? []
  if (hard === undefined) return undefined
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** The next lower limit, as the mark for children. Undefined if there is none. */
function markBelow(limit: number | undefined): number | undefined {
  if (limit === undefined || limit === 0) return undefined
  return Math.min(limit - 1, MAX_LOCK_LIMIT)
}

const MAX_LOCK_LIMIT = 1_000_000_000
