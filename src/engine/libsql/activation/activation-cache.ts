import type { Activation } from './activation.ts'

/** Keeps saved actors in memory: a busy actor would otherwise be read again after each checkpoint. */
interface ActivationCache {
  /** Adds an actor saved in rows of `size` characters, and evicts the actors that were saved longest ago. */
  add(activation: Activation, size: number): void
}

/** Estimated bytes of an activation without its text. */
const ACTIVATION_OVERHEAD = 512

/** Keeps the actors that were saved last, up to `most` characters in total. */
export function createActivationCache(evict: (activation: Activation) => void, most = 0): ActivationCache {
  // in the order in which they were saved
  const sizes = new Map<Activation, number>()
  let total = 0

  function remove(activation: Activation): void {
    total -= sizes.get(activation) ?? 0
    sizes.delete(activation)
  }

  return {
    add(activation, size) {
      remove(activation)
      sizes.set(activation, ACTIVATION_OVERHEAD + size)
      total += ACTIVATION_OVERHEAD + size
      for (const oldest of sizes.keys()) {
        if (total <= most) break
        remove(oldest)
        evict(oldest)
      }
    },
  }
}
