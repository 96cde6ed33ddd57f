import { join } from 'node:path'
import { TerminalError } from '../../../src/errors.ts'
import { type ProcessEnd, startWarmProcess, type WarmProcess } from '../../../trials/kill/process.ts'
import type { Settings } from './node.ts'

/** A node in a process of its own, started again and again at the same address. */
export interface NodeProcess {
  /** Resolves when it takes turns. */
  start(): Promise<void>
  /** Ends it where it stands. */
  kill(): Promise<void>
}

export function createNode(settings: Settings): NodeProcess {
  let running: WarmProcess | undefined
  return {
    async start() {
      running = startWarmProcess(join(import.meta.dirname, 'node.ts'))
      await running.letGo(settings)
      const death = (await Promise.race([running.begun, running.death])) as ProcessEnd | undefined
      if (death) throw endedByItself(death)
    },
    async kill() {
      running?.kill()
      const death = await running?.death
      if (death && (death.signal !== 'SIGKILL' || death.errors !== '')) throw endedByItself(death)
    },
  }
}

const endedByItself = (death: ProcessEnd) => new TerminalError(`a node ended by itself: ${JSON.stringify(death)}`)
