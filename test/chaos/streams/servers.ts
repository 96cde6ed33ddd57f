import { join } from 'node:path'
import { TerminalError } from '../../../src/errors.ts'
import { startWarmProcess, type WarmProcess } from '../../../trials/kill/process.ts'
import type { Settings } from './server.ts'

/** A server in a process of its own, killed and started again at the same address. */
export interface Victim {
  readonly url: string
  start(): Promise<void>
  /** Ends it where it stands; resolves when it has ended. */
  kill(): Promise<void>
  /** Ends it and the process that waits to follow it. */
  end(): Promise<void>
}

const PROGRAM = join(import.meta.dirname, 'server.ts')

/** One that is not started yet; the next process is loaded while one lives. */
export function createVictim(settings: Settings): Victim {
  let waiting = startWarmProcess(PROGRAM)
  let running: WarmProcess | undefined
  return {
    url: `http://127.0.0.1:${settings.port}`,
    async start() {
      running = waiting
      await running.letGo(settings)
      const died = await Promise.race([running.begun.then(() => undefined), running.death])
      if (died) throw new TerminalError(`a server ended by itself: ${JSON.stringify(died)}`)
      waiting = startWarmProcess(PROGRAM)
    },
    async kill() {
      running?.kill()
      const death = await running?.death
      running = undefined
      if (death && (death.signal !== 'SIGKILL' || death.errors !== ''))
        throw new TerminalError(`a server ended by itself: ${JSON.stringify(death)}`)
    },
    async end() {
      for (const process of [running, waiting]) process?.kill()
      await Promise.all([running?.death, waiting.death])
    },
  }
}
