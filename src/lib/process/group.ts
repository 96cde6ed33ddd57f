import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { attempt } from '../flow/attempt.ts'

/** ms between SIGTERM and SIGKILL. */
export const KILL_DELAY_MS = 2000

/** ms to read the last output after the group has ended. */
const DRAIN_TIMEOUT_MS = 500

/** Waits for the program, ends the rest of its group, and closes its streams, whatever outside holds them. */
export async function endProcessGroup(leader: ChildProcess): Promise<void> {
  const { pid } = leader
  if (pid === undefined) return
  const release = killAtExit(pid)
  await once(leader, 'exit')
  await endGroup(pid)
  release()
  await Promise.all([leader.stdout, leader.stderr].map(drain))
}

async function drain(stream: Readable | null): Promise<void> {
  if (!stream || stream.closed) return
  await Promise.race([once(stream, 'close'), setTimeout(DRAIN_TIMEOUT_MS, undefined, { ref: false })])
  stream.destroy()
}

async function endGroup(pid: number): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) return
  const deadline = performance.now() + KILL_DELAY_MS
  const isLeft = watchGroup(pid)
  do await setTimeout(20)
  while ((await isLeft()) && performance.now() < deadline)
  signalGroup(pid, 'SIGKILL')
}

/** Reports whether a process of the group runs. Scans all processes only if none of the known ones runs. */
function watchGroup(pid: number): () => Promise<boolean> {
  let known: readonly string[] | undefined
  return async () => {
    if (!signalGroup(pid, 0)) return false
    if (known) known = await runningIn(pid, known)
    if (!known?.length) known = await runningIn(pid)
    return known === undefined || known.length > 0
  }
}

/** Sends a signal to all processes of a group; 0 asks alone. Returns whether the group exists. */
export const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean =>
  attempt(() => process.kill(-pid, signal), false)

const groups = new Set<number>()

/** Whether the id is the process group or session of a running command. */
export const isCommandGroup = (id: number) => groups.has(id)

function killAtExit(pid: number): () => void {
  if (groups.size === 0) process.on('exit', killGroups)
  groups.add(pid)
  return () => {
    groups.delete(pid)
    if (groups.size === 0) process.off('exit', killGroups)
  }
}

function killGroups(): void {
  for (const pid of groups) signalGroup(pid, 'SIGKILL')
}

/**
 * The running processes of a group, on Linux; undefined if that is unknown. Zombies
 * do not count: they stay in the group until their parent reaps them, which the first
 * process of a container may never do. `known` limits the check to these processes.
 */
async function runningIn(group: number, known?: readonly string[]): Promise<readonly string[] | undefined> {
  const pids = known ?? (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const running = await Promise.all(pids.map((pid) => runs(pid, group)))
  return pids.length === 0 ? undefined : pids.filter((_, at) => running[at])
}

const DEAD_STATES = ['Z', 'X']

async function runs(pid: string, group: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // no status: the process has ended; the last parenthesis ends the name, which may contain any character
  const [state = 'X', , itsGroup] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(itsGroup) === group && !DEAD_STATES.includes(state)
}
