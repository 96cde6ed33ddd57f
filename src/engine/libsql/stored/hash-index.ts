/** Maps the hash of an id to the numbers of the batches that may hold it. */
interface HashIndex {
  add(hash: number, seq: number): void
  /** Batches to search, the latest first. A batch may hold another id with the same hash. */
  find(hash: number): readonly number[]
  /** Drops the entries of earlier batches. */
  forget(before: number): void
}

/** Twenty bytes per id, in arrays that the garbage collector does not walk. Shards keep the time to grow short. */
export function createHashIndex(): HashIndex {
  // each shard is created when it is needed: most engines see few ids
  const shards: (Shard | undefined)[] = Array(SHARDS).fill(undefined)
  let latest = 0
  // a table keeps the low half of a batch number, which is unambiguous because ids expire after fewer batches
  const whole = (low: number) => latest - ((latest - low) >>> 0)
  return {
    add(hash, seq) {
      latest = Math.max(latest, seq)
      const index = hash & (SHARDS - 1)
      let shard = shards[index] ?? createShard(FIRST_SIZE)
      if (shard.count * 4 > shard.table.length) shard = rebuild(shard, 2 * shard.table.length, () => true)
      put(shard, hash, seq)
      shards[index] = shard
    },
    find(hash) {
      const shard = shards[hash & (SHARDS - 1)]
      const found = shard ? find(shard, hash) : NONE
      return found === NONE ? NONE : found.map(whole).sort((a, b) => b - a)
    },
    forget(before) {
      const isKept = (low: number) => whole(low) >= before
      for (const [index, shard] of shards.entries())
        if (shard) shards[index] = rebuild(shard, shard.table.length, isKept)
    },
  }
}

const SHARDS = 256
const FIRST_SIZE = 64
const NONE: readonly number[] = []

/** An open hash table of pairs, hash and number; a hash of 0 marks a free place. */
type Shard = { readonly table: Uint32Array; count: number }

const createShard = (size: number): Shard => ({ table: new Uint32Array(size), count: 0 })

function put(shard: Shard, hash: number, seq: number): void {
  const { table } = shard
  let at = placeOf(hash, table)
  while (table[at] !== 0) at = nextTo(at, table)
  table[at] = hash
  table[at + 1] = seq
  shard.count++
}

function find({ table }: Shard, hash: number): readonly number[] {
  let at = placeOf(hash, table)
  if (table[at] === 0) return NONE
  const found: number[] = []
  for (; table[at] !== 0; at = nextTo(at, table)) if (table[at] === hash) found.push(table[at + 1]!)
  return found
}

// the low bits chose the shard; pairs begin at even places
const placeOf = (hash: number, { length }: Uint32Array) => (hash >>> 7) & (length - 2)
const nextTo = (at: number, { length }: Uint32Array) => (at + 2) & (length - 1)

function rebuild({ table }: Shard, size: number, isKept: (seq: number) => boolean): Shard {
  const shard = createShard(size)
  for (let at = 0; at < table.length; at += 2)
    if (table[at] !== 0 && isKept(table[at + 1]!)) put(shard, table[at]!, table[at + 1]!)
  return shard
}

/** A hash of 32 bits of an id, never 0 (FNV-1a, mixed once more so that each bit depends on the whole id). */
export function hashId(id: string): number {
  let hash = 2166136261
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 16777619)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0 || 1
}
