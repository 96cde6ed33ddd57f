import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { lockLimit, markBelow } from './process-mark.ts'

let found: Promise<readonly string[]> | undefined

/**
 * Words to put before a program, on Linux with util-linux; none elsewhere. By `setpriv` the kernel kills it when its parent dies, even by
 * SIGKILL: this holds for the program itself, not for its children. By `prlimit` it and all that it starts are marked as a tool's (see mark.ts).
 */
export function guardWords(): Promise<readonly string[]> {
  found ??= probeAll()
  return found
}

async function probeAll(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return []
  const mark = markBelow(await lockLimit('self'))
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
