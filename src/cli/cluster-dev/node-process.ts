import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { endProcess, hasEnded, spawnGuarded } from '../../engine/restate/server/child-process.ts'
import { TerminalError } from '../../errors.ts'
import { nodesIn } from '../../runtime/data-folder/node-record.ts'
import { readOwner } from '../../store/data-folder/owner-record.ts'
import type { Cli } from '../cli.ts'

/** A node of the cluster in a data folder, as a process that does not outlive this one. */
interface NodeProcess extends Restartable {
  stop(): Promise<void>
}

/** Seconds that running work of a node gets when it stops. */
export const NODE_GRACE_MS = 5

export const nodeFolder = (data: string, number: number) => join(nodesIn(data), String(number))

export function startNodeProcess({ self, terminal }: Cli, data: string, number: number): NodeProcess {
  const name = `node ${number}`
  let child: ChildProcess | undefined
  let isStopping = false

  function tell(line: string): void {
    if (!isStopping) terminal.say(`${name}: ${line}`)
  }

  return {
    name,
    async start() {
      const command = [...self, 'cluster', 'node', String(number), '--data', data]
      const begun = Date.now()
      child = spawnGuarded(command, { cwd: terminal.folder, env: process.env })
      for (const stream of [child.stdout!, child.stderr!]) createInterface(stream).on('line', tell)
      await untilReady(child, nodeFolder(data, number), begun)
    },
    async ended() {
      if (child && !hasEnded(child)) await once(child, 'exit')
    },
    async stop() {
      isStopping = true
      if (child) await endProcess(child, (NODE_GRACE_MS + 2) * 1_000)
    },
  }
}

// it answers in its folder once it is known to the servers
async function untilReady(child: ChildProcess, folder: string, begun: number): Promise<void> {
  for (;;) {
    if (hasEnded(child)) throw new TerminalError('A node of the cluster could not be started.')
    const owner = readOwner(folder)
    if (owner?.socket && owner.startedAt >= begun) return
    await sleep(50)
  }
}

/** A process that may end at any time and can be started again. */
export interface Restartable {
  readonly name: string
  /** Resolves when it has ended. */
  ended(): Promise<void>
  start(): Promise<void>
}

/** ms before a process is started again: longer each time it ends early. */
const RESTART_PAUSE_MS = { first: 100, longest: 10_000, lasts: 10_000 } as const

/** Starts it again whenever it ends, until `stopping`. */
export async function restartWhenEnded(
  { name, ended, start }: Restartable,
  say: (text: string) => void,
  stopping: AbortSignal,
): Promise<void> {
  for (let pause: number = RESTART_PAUSE_MS.first; ; ) {
    const begun = performance.now()
    await ended()
    const lasted = performance.now() - begun
    pause = lasted > RESTART_PAUSE_MS.lasts ? RESTART_PAUSE_MS.first : Math.min(RESTART_PAUSE_MS.longest, pause * 2)
    if (!stopping.aborted) say(`${name} has ended; starting it again.`)
    await sleep(pause, undefined, { signal: stopping }).catch(() => {})
    if (stopping.aborted) return
    await start().catch((error: Error) => say(`${name} could not be started: ${error.message}`))
  }
}
