import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Megabytes that a process may hold. `address`: the system refuses it more, where it has such a limit. */
export type MemoryBounds = { readonly resident: number; readonly address?: number }

const MB = 1024 * 1024
const SHELL = '/bin/sh'

/**
 * Sets the limits of the shell, which hands them on to the program that takes its place. When memory gets scarce, Linux
 * ends this program first. A crash leaves no file.
 */
const LIMITED = `{ ulimit -c 0; ulimit -v "$1"; echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null; shift; exec "$@"`

/**
 * Starts Node.js with limits of memory. Besides the limit of address space it watches its own resident memory, which
 * works on each system, but only a few times in a second.
 */
export function startBounded(
  words: readonly string[],
  { resident, address }: MemoryBounds,
  options: SpawnOptions,
): ChildProcess {
  // one thread for V8 needs less address space than four
  const command = [process.execPath, '--v8-pool-size=1', ...words, String(resident * MB)]
  if (address === undefined || !existsSync(SHELL)) return spawn(command[0]!, command.slice(1), options)
  return spawn(SHELL, ['-c', LIMITED, 'sh', String(address * 1024), ...command], options)
}

/** How the memory of a bounded process is limited here. */
export function boundsHere(): 'address-space' | 'resident-memory' {
  const isSet = existsSync(SHELL) && spawnSync(SHELL, ['-c', 'ulimit -v 2097152'], { stdio: 'ignore' }).status === 0
  return isSet ? 'address-space' : 'resident-memory'
}
