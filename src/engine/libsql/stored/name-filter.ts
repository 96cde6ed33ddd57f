/** Never misses a name that was added. With 1.7 million names, one in a hundred others is a false positive. */
type NameFilter = ReadonlyNameFilter & { add(name: string): void }
export type ReadonlyNameFilter = { has(name: string): boolean }

/** Up to this many names are kept exactly. */
const MAX_EXACT_NAMES = 1_000

/** The names of stored actors, so that a new one costs no read. */
export function createNameFilter(names: Iterable<string>): NameFilter {
  const few = new Set<string>()
  let many: NameFilter | undefined
  const all: NameFilter = {
    add(name) {
      if (many) return many.add(name)
      few.add(name)
      if (few.size <= MAX_EXACT_NAMES) return
      many = createBloomFilter(few)
      few.clear()
    },
    has: (name) => (many ?? few).has(name),
  }
  for (const name of names) all.add(name)
  return all
}

/** A Bloom filter of 2 MiB, three bits per name. */
function createBloomFilter(names: Iterable<string>): NameFilter {
  const bits = new Uint32Array(1 << 19)
  const set = (bit: number) => {
    bits[bit >>> 5]! |= 1 << (bit & 31)
  }
  const isSet = (bit: number) => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0
  const filter: NameFilter = {
    add(name) {
      const [a, b] = hashesOf(name)
      set(a >>> 8)
      set(b >>> 8)
      set(mixOf(a, b) >>> 8)
    },
    has(name) {
      const [a, b] = hashesOf(name)
      return isSet(a >>> 8) && isSet(b >>> 8) && isSet(mixOf(a, b) >>> 8)
    },
  }
  for (const name of names) filter.add(name)
  return filter
}

// two running hashes (FNV-1a, djb2) and their mix, of which 24 bits each are used
function hashesOf(name: string): readonly [number, number] {
  let a = 2166136261
  let b = 5381
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    a = Math.imul(a ^ code, 16777619)
    b = (Math.imul(b, 33) + code) | 0
  }
  return [a, b]
}

const mixOf = (a: number, b: number) => a ^ Math.imul(b, 0x9e3779b1)
