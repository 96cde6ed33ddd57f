import { copyDisk, inlineDisk } from '../../../engine/inline/disk.ts'
import { inlineEngine } from '../../../engine/inline/engine.ts'
import type { SimulatedStore } from './store.ts'

/** Inline engines over one disk. Only the present life writes to it; later writes of a dead life are lost. */
export function inlineStore(seed: number): SimulatedStore {
  let disk = inlineDisk()
  return {
    open: (_life, { actors, clock, createId }) => inlineEngine({ actors, clock, createId, seed, disk }),
    crash: () => void (disk = copyDisk(disk)),
    close() {},
  }
}
