import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'

// runs the command, with a watcher that notices the death of this process by the end of its pipe
const guarded = (signal: string) => `(read -r _ <&3 || kill -${signal} $$) >/dev/null 2>&1 & exec "$@" 3<&-`

type SpawnOptions = {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** kills the process instead of stopping it: its folder is always consistent, and the next one need not wait */
  readonly killable?: boolean
}

/** A command that Ctrl-C at this terminal does not reach, and that does not outlive this process. */
export function spawnGuarded(command: readonly string[], { killable = false, ...options }: SpawnOptions): ChildProcess {
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const
  const child = spawn('sh', ['-c', guarded(killable ? 'KILL' : 'TERM'), 'sh', ...command], {
    ...options,
    stdio: [...stdio],
    detached: true,
  })
  const guard = child.stdio[3] as Writable
  guard.on('error', () => {})
  child.once('exit', () => guard.end('over\n'))
  return child
}

export const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

const END_TIMEOUT_MS = 5_000

/** Asks a process to end, and kills it after `patience` ms. Resolves when it has ended. */
export async function endProcess(child: ChildProcess, patience = END_TIMEOUT_MS): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  const force = setTimeout(() => child.kill('SIGKILL'), patience)
  await ended
  clearTimeout(force)
}

/** Kills a process; resolves when it has ended. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
