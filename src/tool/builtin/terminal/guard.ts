import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram } from './program.ts'

const ARGS = ['--pdeathsig', 'KILL', '--'] as const

let found: Promise<readonly string[]> | undefined

/**
 * Words to put before a program so that the kernel kills it when its parent dies, even by SIGKILL; none where the system has no
 * such thing (Linux has: `setpriv` of util-linux). It holds for the program itself, not for its children.
 */
export function deathGuard(): Promise<readonly string[]> {
  found ??= probe()
  return found
}

async function probe(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return []
  // a program may be given a PATH on which it is not
  const guard = await findProgram('setpriv', '/', process.env.PATH ?? '')
  if (guard === undefined) return []
  try {
    await promisify(execFile)(guard, [...ARGS, 'true'], { timeout: 5000 })
    return [guard, ...ARGS]
  } catch {
    return []
  }
}
