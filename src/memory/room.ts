/**
 * The room of memory: `runtime.memory(owner)`, and its operations. A memory holds what was learned, across runs and
 * threads, until it is forgotten.
 */

import type { Room } from '../house/room.ts'
import { memoryActor } from './actor/memory-actor.ts'
import { MEMORY_CONTRACT } from './room/contract.ts'
import type { ToolMemory } from './room/for-tools.ts'
import { beginMemories, dutiesOf, type MemoryNeeds, type MemoryPort, openMemories } from './room/open-port.ts'
import type { MemoryView } from './room/requests.ts'
import { memoryTools } from './room/tools.ts'
import { viewMemory } from './room/view.ts'

/** Memory: records of each owner. */
export const memoryRoom: Room<MemoryPort, MemoryView, MemoryNeeds> = {
  contract: MEMORY_CONTRACT,
  actors: (_config, house) => [memoryActor(() => dutiesOf(house()))],
  open: openMemories,
  view: viewMemory,
  begin: beginMemories,
  owns: [{ kind: 'memory' }],
  forgetOwner: async (memory, owner, options) => ({ records: await memory.forgetOwner(owner, options) }),
  closeLast: (memory) => memory.close(),
  tools: memoryTools,
  forTools: (port, owner, _source, run): ToolMemory => ({ port, owner, run }),
}
