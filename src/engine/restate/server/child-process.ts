import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'

// in the command's place, with one beside it that hears when this process is no more: of its pipe nothing but the end comes
const guarded = (signal: string) => `(read -r _ <&3 || kill -${signal} $$) >/dev/null 2>&1 & exec "$@" 3<&-`

type SpawnOptions = {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** it is killed and not asked to end: what lies in its folder is whole at any moment, and who comes next need not wait for it */
  readonly killable?: boolean
}

/** A command that Ctrl-C at this process's terminal does not reach, and that does not outlive this process. */
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

/** Asks a process to end, then makes it, after `patience` ms; resolves when it has. */
export async function endProcess(child: ChildProcess, patience = END_TIMEOUT_MS): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  const force = setTimeout(() => child.kill('SIGKILL'), patience)
  await ended
  clearTimeout(force)
}

/** Ends a process where it stands; resolves when it is no more. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
