import type { Resident } from './activation.ts'

/** Actors that are in the tables and stay in memory all the same: one that is busy would be read anew after each checkpoint. */
export interface Recent {
  /** It was saved, in rows of `size` characters. Those saved longest ago leave. */
  add(resident: Resident, size: number): void
}

/** What an actor takes beside its text, as it is reckoned here. */
const OWN = 512

/** Of those that were saved last so many stay as have `most` characters together. */
export function createRecent(evict: (resident: Resident) => void, most = 0): Recent {
  // in the order in which they were saved
  const sizes = new Map<Resident, number>()
  let total = 0

  function remove(resident: Resident): void {
    total -= sizes.get(resident) ?? 0
    sizes.delete(resident)
  }

  return {
    add(resident, size) {
      remove(resident)
      sizes.set(resident, OWN + size)
      total += OWN + size
      for (const oldest of sizes.keys()) {
        if (total <= most) break
        remove(oldest)
        evict(oldest)
      }
    },
  }
}
