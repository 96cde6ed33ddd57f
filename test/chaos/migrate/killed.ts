import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { EngineName } from '../../../src/runtime/data-folder/migration-record.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

export type Move = { readonly data: string; readonly to: EngineName; readonly admin: string }
/** When a move is killed: as soon as it says that it does something, or so many ms after it began. */
export type Moment = { readonly doing: string } | { readonly after: number }

/** A process that is ready to move something. */
export interface Mover {
  /** Moves, and is killed at that moment, unless it has ended before; resolves with how long it took (ms). */
  move(move: Move, moment?: Moment): Promise<number>
  end(): void
}

/** Starts one ahead: that takes longer than most moves. */
export function startMover(): Mover {
  const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  return {
    async move(move, moment) {
      child.stdin.write(JSON.stringify(move))
      let begun = 0
      for await (const line of createInterface(child.stdout)) {
        if (line === 'begin') begun = performance.now()
        if (moment && isDue(moment, line)) killAfter(child, 'after' in moment ? moment.after : 0)
      }
      const [code, signal] = await ended
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the move ended with ${code}: ${said}`)
      return performance.now() - begun
    },
    end: () => void child.kill('SIGKILL'),
  }
}

const isDue = (moment: Moment, line: string) => line === ('doing' in moment ? moment.doing : 'begin')

function killAfter(child: ChildProcess, ms: number): void {
  if (ms === 0) child.kill('SIGKILL')
  else setTimeout(() => child.kill('SIGKILL'), ms)
}
