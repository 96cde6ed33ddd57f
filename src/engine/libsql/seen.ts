/** Where ids from outside were seen: the numbers of the batches that may hold one of this hash. */
export interface Seen {
  add(hash: number, seq: number): void
  /** Batches to look in, the latest first; one of them may hold another id of the same hash. */
  find(hash: number): readonly number[]
  /** Drops what was seen before that batch. */
  forget(before: number): void
}

/** Sixteen to thirty bytes per id in arrays of numbers, which the garbage collector does not walk. Shards, so that none takes long to grow. */
export function createSeen(): Seen {
  const shards = Array.from({ length: SHARDS }, () => createShard(FIRST_SIZE))
  const shardOf = (hash: number) => hash & (SHARDS - 1)
  return {
    add(hash, seq) {
      const index = shardOf(hash)
      const shard = shards[index]!
      if (shard.count >= shard.seqs.length / 2) shards[index] = rebuild(shard, 2 * shard.seqs.length, 0)
      put(shards[index]!, hash, seq)
    },
    find: (hash) => find(shards[shardOf(hash)]!, hash),
    forget(before) {
      for (const [index, shard] of shards.entries()) shards[index] = rebuild(shard, shard.seqs.length, before)
    },
  }
}

const SHARDS = 256
const FIRST_SIZE = 64

/** An open hash table: a seq of 0 marks a free place. */
type Shard = { readonly hashes: Uint32Array; readonly seqs: Float64Array; count: number }

const createShard = (size: number): Shard => ({
  hashes: new Uint32Array(size),
  seqs: new Float64Array(size),
  count: 0,
})

function put(shard: Shard, hash: number, seq: number): void {
  const { hashes, seqs } = shard
  let at = placeOf(hash, seqs.length)
  while (seqs[at] !== 0) at = (at + 1) % seqs.length
  hashes[at] = hash
  seqs[at] = seq
  shard.count++
}

function find({ hashes, seqs }: Shard, hash: number): readonly number[] {
  const found: number[] = []
  for (let at = placeOf(hash, seqs.length); seqs[at] !== 0; at = (at + 1) % seqs.length)
    if (hashes[at] === hash) found.push(seqs[at]!)
  return found.length > 1 ? found.sort((a, b) => b - a) : found
}

// the low bits chose the shard
const placeOf = (hash: number, size: number) => (hash >>> 8) & (size - 1)

function rebuild(old: Shard, size: number, before: number): Shard {
  const shard = createShard(size)
  for (const [at, seq] of old.seqs.entries()) if (seq !== 0 && seq >= before) put(shard, old.hashes[at]!, seq)
  return shard
}

/** 32 bits of an id (FNV-1a, mixed once more so that each bit depends on all). */
export function hashOf(id: string): number {
  let hash = 2166136261
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 16777619)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
