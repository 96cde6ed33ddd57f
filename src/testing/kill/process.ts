import { fork } from 'node:child_process'
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'

/** How a process ended, and all it wrote to stderr. */
export type ProcessEnd = { readonly code: number | null; readonly signal: string | null; readonly errors: string }

/** A process whose program is loaded and waits to be let go. */
export interface WarmProcess {
  readonly pid: number
  /** Waits until the program is loaded, then hands it its settings: its life begins. */
  letGo(settings: Json): Promise<void>
  /** Resolves when it says that its work begins, or dies before. */
  readonly begun: Promise<unknown>
  kill(): void
  readonly death: Promise<ProcessEnd>
}

/** Starts the program, so that a life can begin at once when its turn comes. */
export function startWarmProcess(program: string): WarmProcess {
  const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'antiphon-compile-cache'), ...process.env }
  const child = fork(program, [], { execArgv: [], env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr!.on('data', (text) => (errors += text))
  const death = once(child, 'close').then(([code, signal]) => ({ code, signal, errors }))
  const said = (message: string) =>
    Promise.race([death, new Promise<void>((resolve) => child.on('message', (said) => said === message && resolve()))])
  const [loaded, begun] = [said('loaded'), said('begun')]
  return {
    pid: child.pid!,
    async letGo(settings) {
      await loaded
      if (child.connected) child.send(settings as object, () => {})
    },
    begun,
    kill: () => void child.kill('SIGKILL'),
    death,
  }
}

/** The input of one life. */
export type LifeInput<Settings> = {
  readonly settings: Settings
  /** Says that its work begins: from then on most kills are counted. */
  readonly begin: () => void
}

/**
 * Call at the start of a program under `killRepeatedly`, after its modules are loaded. Resolves
 * when its life begins.
 */
export async function awaitLife<Settings extends Json>(): Promise<LifeInput<Settings>> {
  if (!process.send) throw new InvalidError('this program is started by killRepeatedly, not by hand')
  const told = once(process, 'message')
  // a killed process keeps nothing for the next one, unless it does so now
  flushCompileCache()
  process.send('loaded')
  const [settings] = await told
  // nobody is left to kill it; and what waits for that must not keep it alive
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
  return { settings, begin: () => void process.send!('begun') }
}
