import { fork } from 'node:child_process'
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'

/** How a process ended, and all it wrote to stderr. */
export type Death = { readonly code: number | null; readonly signal: string | null; readonly errors: string }

/** A process whose program is loaded and waits to be let go. */
export interface WarmProcess {
  /** Waits until the program is loaded, then hands it its settings: its life begins. */
  letGo(settings: Json): Promise<void>
  kill(): void
  readonly death: Promise<Death>
}

/** Starts the program, so that a life can begin at once when its turn comes. */
export function warmUp(program: string): WarmProcess {
  const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'antiphon-compile-cache'), ...process.env }
  const child = fork(program, [], { execArgv: [], env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const loaded = new Promise<void>((resolve) => child.once('message', () => resolve()))
  let errors = ''
  child.stderr!.on('data', (text) => (errors += text))
  const death = once(child, 'close').then(([code, signal]) => ({ code, signal, errors }))
  return {
    async letGo(settings) {
      await Promise.race([loaded, death])
      if (child.connected) child.send(settings as object, () => {})
    },
    kill: () => void child.kill('SIGKILL'),
    death,
  }
}

/** What a program under `killRepeatedly` begins with, all its modules being loaded: resolves with its settings when its life begins. */
export async function awaitLife<Settings extends Json>(): Promise<Settings> {
  if (!process.send) throw new InvalidError('this program is started by killRepeatedly, not by hand')
  const told = once(process, 'message')
  // a killed process keeps nothing for the next one, unless it does so now
  flushCompileCache()
  process.send('loaded')
  const [settings] = await told
  // an open channel would keep the process from ending with its work
  process.disconnect()
  return settings
}
