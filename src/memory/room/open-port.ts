import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import type { House } from '../../rooms/room.ts'
import type { Memory } from '../memory.ts'
import { memoryOf } from '../open-memory.ts'
import { openMemoryStore } from '../store/open-store.ts'

/** The memories of a data folder, each bound to its owner. */
export interface MemoryPort {
  (owner: string): Memory
  /** Ends the threads that read and write the file. */
  close(): Promise<void>
}

/** Opens the memories of a house. The file is opened when a memory is used. Error `memory_not_shared` on a cluster. */
export function openMemories({ config, clock }: Pick<House, 'config' | 'clock'>): MemoryPort {
  const store = openMemoryStore(join(config.data, 'memory.db'))
  const of = (owner: string): Memory => {
    if (config.restate) throw notShared()
    return memoryOf(store, owner, () => clock.now())
  }
  return Object.assign(of, { close: () => store.close() })
}

const notShared = () =>
  new TerminalError('Memory lies in one data folder, and the nodes of a cluster have one each.', {
    code: 'memory_not_shared',
    hint: 'Use memory without --restate. A shared memory does not exist yet.',
  })
