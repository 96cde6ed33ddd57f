/** 2 MiB, three bits per name: says "maybe" of 1 in 100 names it never saw once it holds 1.7 million. */
export type Names = { add(name: string): void; has(name: string): boolean }

/** A Bloom filter over the names of stored actors, so that a new one costs no read. */
export function createNames(names: Iterable<string>): Names {
  const bits = new Uint32Array(1 << 19)
  const filter: Names = {
    add(name) {
      for (const bit of bitsOf(name)) bits[bit >>> 5]! |= 1 << (bit & 31)
    },
    has: (name) => bitsOf(name).every((bit) => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0),
  }
  for (const name of names) filter.add(name)
  return filter
}

// two running hashes (FNV-1a, djb2) and their mix, 24 bits each
function bitsOf(name: string): readonly number[] {
  let a = 2166136261
  let b = 5381
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    a = Math.imul(a ^ code, 16777619)
    b = (Math.imul(b, 33) + code) | 0
  }
  return [a >>> 8, b >>> 8, (a ^ Math.imul(b, 0x9e3779b1)) >>> 8]
}
