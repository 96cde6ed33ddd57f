import type { MemoryConnection } from '../connection.ts'

/** The 1-bit signatures of an owner's vectors, in the order in which they were stored. */
interface Signatures {
  /** The records whose signatures differ least, the nearest first. `among`: only these. */
  nearest(signature: Buffer, limit: number, among?: ReadonlySet<number>): readonly number[]
  readonly size: number
}

/** The signatures of all owners, in bounded memory. */
export interface SignatureCache {
  /** The signatures of an owner and a model, as the file has them now. Undefined if they exceed the bound. */
  of(connection: MemoryConnection, owner: number, model: string): Signatures | undefined
  /** Frees the signatures of an owner if one of its vectors was deleted since they were read. */
  refresh(connection: MemoryConnection, owner: number): void
}

/** All signatures in memory together: those of about 900,000 records. The longest unused ones leave first. */
const MAX_BYTES = 64 * 1024 * 1024

/** Rows that are read at once. */
const PORTION = 4096

export function createSignatureCache(maxBytes = MAX_BYTES): SignatureCache {
  const byOwner = new Map<number, { readonly list: SignatureList; readonly model: string; readonly epoch: number }>()
  const epochOf = (connection: MemoryConnection, owner: number) =>
    connection.first<{ readonly epoch: number }>('select epoch from owner where number = ?', [owner])?.epoch ?? 0

  function makeRoom(): void {
    let bytes = 0
    for (const { list } of byOwner.values()) bytes += list.bytes()
    for (const [owner, { list }] of byOwner) {
      if (bytes <= maxBytes) return
      byOwner.delete(owner)
      bytes -= list.bytes()
    }
  }

  return {
    of(connection, owner, model) {
      const epoch = epochOf(connection, owner)
      const known = byOwner.get(owner)
      const isCurrent = known?.model === model && known.epoch === epoch
      const held = isCurrent ? known : { list: createList(), model, epoch }
      byOwner.delete(owner)
      if (!held.list.readMore(connection, owner, model, maxBytes)) return undefined
      // the last one used is the last one to leave
      byOwner.set(owner, held)
      makeRoom()
      return held.list
    },
    refresh(connection, owner) {
      const held = byOwner.get(owner)
      if (held && held.epoch !== epochOf(connection, owner)) byOwner.delete(owner)
    },
  }
}

type SignatureList = Signatures & {
  /** Reads signatures stored since. False: there is no space for all of them. */
  readMore(connection: MemoryConnection, owner: number, model: string, maxBytes: number): boolean
  bytes(): number
}

type Row = { readonly seq: number; readonly rid: number; readonly signature: ArrayBuffer }

function createList(): SignatureList {
  let rids = new Float64Array(0)
  let bits = new Uint32Array(0)
  /** words of 32 bits in a signature; other lengths come from another version of the model and are left out */
  let width = 0
  let size = 0
  let last = 0

  function grow(room: number): void {
    const more = new Float64Array(room)
    more.set(rids.subarray(0, size))
    const wider = new Uint32Array(room * width)
    wider.set(bits.subarray(0, size * width))
    ;[rids, bits] = [more, wider]
  }

  function push(rows: readonly Row[], maxBytes: number): void {
    width ||= (rows[0]?.signature.byteLength ?? 0) / 4
    // room beyond the bound would throw out a list that fits
    const spare = Math.min(Math.ceil(size * 1.5), Math.floor(maxBytes / (8 + width * 4)))
    if (size + rows.length > rids.length) grow(Math.max(64, size + rows.length, spare))
    for (const { seq, rid, signature } of rows) {
      last = seq
      if (signature.byteLength !== width * 4) continue
      rids[size] = rid
      bits.set(new Uint32Array(new Uint8Array(signature).buffer), size * width)
      size++
    }
  }

  return {
    get size() {
      return size
    },
    bytes: () => rids.byteLength + bits.byteLength,
    readMore(connection, owner, model, maxBytes) {
      const sql = `select seq, rid, signature from vector
        where owner = ? and model = ? and seq > ? order by seq limit ${PORTION}`
      for (;;) {
        const rows = connection.all<Row>(sql, [owner, model, last])
        if (rows.length > 0) push(rows, maxBytes)
        if (size * (8 + width * 4) > maxBytes) return false
        if (rows.length < PORTION) return true
      }
    },
    nearest(signature, limit, among) {
      const wanted = new Uint32Array(new Uint8Array(signature).buffer)
      if (wanted.length !== width) return []
      const distances = distancesTo(wanted, bits, size)
      return smallest(distances, width * 32, limit, among && ((at) => among.has(rids[at]!))).map((at) => rids[at]!)
    },
  }
}

/** The number of bits in which each signature differs from the wanted one. */
function distancesTo(wanted: Uint32Array, bits: Uint32Array, size: number): Uint16Array {
  const width = wanted.length
  const distances = new Uint16Array(size)
  let place = 0
  for (let at = 0; at < size; at++) {
    let distance = 0
    for (let word = 0; word < width; word++) {
      // counts the bits of a word in parallel
      let differs = bits[place++]! ^ wanted[word]!
      differs -= (differs >>> 1) & 0x55555555
      differs = (differs & 0x33333333) + ((differs >>> 2) & 0x33333333)
      differs = (differs + (differs >>> 4)) & 0x0f0f0f0f
      distance += Math.imul(differs, 0x01010101) >>> 24
    }
    distances[at] = distance
  }
  return distances
}

/** The places of the smallest distances, the smallest first, earlier ones before later ones. */
function smallest(
  distances: Uint16Array,
  longest: number,
  limit: number,
  passes: (at: number) => boolean = () => true,
): readonly number[] {
  const counts = new Uint32Array(longest + 1)
  for (let at = 0; at < distances.length; at++) if (passes(at)) counts[distances[at]!]!++
  let bound = 0
  for (let sum = counts[0]!; sum < limit && bound < longest; sum += counts[bound]!) bound++
  const found: number[] = []
  for (let at = 0; at < distances.length; at++) if (distances[at]! <= bound && passes(at)) found.push(at)
  return found.sort((a, b) => distances[a]! - distances[b]! || a - b).slice(0, limit)
}
