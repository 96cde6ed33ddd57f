import { copyDisk, inlineDisk } from '../../../engine/inline/disk.ts'
import { inlineEngine } from '../../../engine/inline/engine.ts'
import type { SimulatedStore } from './store.ts'

/** Inline engines over one disk: each life works on it alone, what a dead one still does is lost. */
export function inlineStore(seed: number): SimulatedStore {
  let disk = inlineDisk()
  return {
    open: (_life, { actors, clock, createId }) => inlineEngine({ actors, clock, createId, seed, disk }),
    crash: () => void (disk = copyDisk(disk)),
    close() {},
  }
}
