import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EngineName } from '../../../src/runtime/graduate/record.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/** When a move is killed: as soon as it says that it does something, or so many ms after it began. */
export type Moment = { readonly doing: string } | { readonly after: number }

/** A move in a process of its own that is killed at that moment, unless it has ended before; resolves with how long it took (ms). */
export async function moveAndKill(data: string, to: EngineName, admin: string, moment?: Moment): Promise<number> {
  const child = spawn(process.execPath, [CHILD, data, to, admin], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  let begun = 0
  for await (const line of createInterface(child.stdout)) {
    if (line === 'begin') begun = performance.now()
    if (line === 'begin' && moment && 'after' in moment) void sleep(moment.after).then(() => child.kill('SIGKILL'))
    if (moment && 'doing' in moment && moment.doing === line) child.kill('SIGKILL')
  }
  const [code, signal] = await ended
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the move ended with ${code}: ${said}`)
  return performance.now() - begun
}
