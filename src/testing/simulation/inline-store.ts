import { type InlineDisk, inlineDisk } from '../../engine/inline/disk.ts'
import { inlineEngine } from '../../engine/inline/engine.ts'
import type { Store } from './store.ts'

/** Inline engines over one disk: each life works on it alone, what a dead one still does is lost. */
export function inlineStore(seed: number): Store {
  let disk = inlineDisk()
  return {
    open: (_life, { actors, clock, createId }) => inlineEngine({ actors, clock, createId, seed, disk }),
    crash: () => void (disk = copy(disk)),
    close() {},
  }
}

function copy(disk: InlineDisk): InlineDisk {
  const fresh = inlineDisk()
  for (const [name, table] of Object.entries(disk))
    if (table instanceof Map) Object.assign(fresh, { [name]: structuredClone(table) })
  return fresh
}
