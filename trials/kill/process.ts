import { fork } from 'node:child_process'
import { once } from 'node:events'
import * as nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'

/** How a process ended, and its whole stderr. */
export type ProcessEnd = { readonly code: number | null; readonly signal: string | null; readonly errors: string }

/** A process that has loaded its program and waits for its settings. */
export interface WarmProcess {
  readonly pid: number
  /** Waits until the program is loaded, then sends its settings: its life begins. */
  letGo(settings: Json): Promise<void>
  /** Resolves when the process reports that its work begins, or when it dies before that. */
  readonly begun: Promise<unknown>
  kill(): void
  readonly death: Promise<ProcessEnd>
}

/** Starts the program in advance, so that its life can begin at once. */
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
  /** Reports that its work begins: from then on most kill times are counted. */
  readonly begin: () => void
}

/**
 * Call at the start of a program under `killRepeatedly`, after its modules are loaded. Resolves
 * when its life begins.
 */
export async function awaitLife<Settings extends Json>(): Promise<LifeInput<Settings>> {
  if (!process.send) throw new InvalidError('this program is started by killRepeatedly, not by hand')
  const told = once(process, 'message')
  // a killed process leaves nothing for the next one, unless it stores it now
  nodeModule.flushCompileCache()
  process.send('loaded')
  const [settings] = await told
  // nobody is left to kill it, and the wait for the kill must not keep it alive
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
  return { settings, begin: () => void process.send!('begun') }
}
