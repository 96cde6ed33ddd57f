import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'

/** ms between asking a group of processes to end and ending it. */
export const KILL_DELAY_MS = 2000

/** ms in which what a program wrote last is read after its group is gone. */
const DRAIN_TIMEOUT_MS = 500

/** Waits for the program, ends what it left running, and closes its streams even if a process outside the group holds them. */
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

/** Tells whether somebody of a group runs: all processes are looked through only when none runs of those that did. */
function watchGroup(pid: number): () => Promise<boolean> {
  let known: readonly string[] | undefined
  return async () => {
    if (!signalGroup(pid, 0)) return false
    if (known) known = await runningIn(pid, known)
    if (!known?.length) known = await runningIn(pid)
    return known === undefined || known.length > 0
  }
}

/** Whether there was anybody in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

const groups = new Set<number>()

/** Whether that is the process group, or the session, of a command that runs. */
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
 * The processes of a group that run, on Linux; undefined where that cannot be told. Who has ended and was not asked how stays in the
 * group, for good where the first process of a container asks nobody, but runs no more. `known`: only these are looked at.
 */
async function runningIn(group: number, known?: readonly string[]): Promise<readonly string[] | undefined> {
  const pids = known ?? (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const running = await Promise.all(pids.map((pid) => runs(pid, group)))
  return pids.length === 0 ? undefined : pids.filter((_, at) => running[at])
}

const DEAD_STATES = ['Z', 'X']

async function runs(pid: string, group: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // none: it is gone; a name may hold anything
  const [state = 'X', , itsGroup] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(itsGroup) === group && !DEAD_STATES.includes(state)
}
