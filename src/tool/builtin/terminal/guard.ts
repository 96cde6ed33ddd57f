import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const GUARD = ['setpriv', '--pdeathsig', 'KILL', '--'] as const

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
  const [program, ...args] = GUARD
  try {
    await promisify(execFile)(program, [...args, 'true'], { timeout: 5000 })
    return GUARD
  } catch {
    return []
  }
}
