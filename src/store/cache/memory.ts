import { createLru } from '../lru.ts'
import { type CacheEntry, type CacheLayer, isTagged } from './layer.ts'

/** Estimated bytes per entry besides its text. */
const ENTRY_OVERHEAD_BYTES = 512

/** A memory layer that evicts the least recently used entries beyond `bytes`. */
export function memoryLayer(bytes: number): CacheLayer {
  const entries = createLru<CacheEntry>(bytes)
  return {
    name: 'memory',
    get: (key) => entries.get(key),
    set: (key, entry) => entries.set(key, entry, ENTRY_OVERHEAD_BYTES + 2 * entry.text.length),
    size: () => ({ ...entries.size(), most: bytes }),
    forget: (tag) => entries.forget((entry) => isTagged(entry, tag)),
  }
}
