import { createLru } from '../lru.ts'
import { type CacheEntry, type CacheLayer, isTagged } from './layer.ts'

/** Bytes that an entry takes beside its text. */
const ENTRY_OVERHEAD_BYTES = 512

/** What was used last, at most so many bytes of it. */
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
