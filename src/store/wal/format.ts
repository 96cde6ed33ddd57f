/**
 * The format of SQLite's write-ahead log (https://sqlite.org/fileformat2.html#the_write_ahead_log):
 * a header, then frames of one page each. Frame checksums are chained, so verification can start at
 * any frame.
 */
export const HEADER_BYTES = 32
export const FRAME_HEADER_BYTES = 24

export type WalChecksum = readonly [number, number]

export type WalHeader = {
  readonly isValid: boolean
  readonly page: number
  readonly salts: WalChecksum
  readonly isLittle: boolean
  /** as stored, and as computed */
  readonly stored: WalChecksum
  readonly computed: WalChecksum
}

const MAGIC = 0x377f0682
const VERSION = 3_007_000
/** The page size of antiphon's databases. Used if the header is invalid. */
const DEFAULT_PAGE_BYTES = 4_096

/** `bytes`: the first 32 bytes. */
export function readHeader(bytes: Uint8Array): WalHeader {
  const view = viewOf(bytes)
  const magic = view.getUint32(0)
  const page = view.getUint32(8)
  const isLittle = (magic & 1) === 0
  const stored: WalChecksum = [view.getUint32(24), view.getUint32(28)]
  const computed = sumOf(view, 0, 24, [0, 0], isLittle)
  const isMagic = (magic & ~1) >>> 0 === MAGIC && view.getUint32(4) === VERSION
  const isPage = page >= 512 && page <= 65_536 && (page & (page - 1)) === 0
  const isValid = isMagic && isPage && sameChecksum(stored, computed)
  const form = isValid ? { page, isLittle } : { page: DEFAULT_PAGE_BYTES, isLittle: true }
  return { isValid, ...form, salts: [view.getUint32(16), view.getUint32(20)], stored, computed }
}

export type WalFrame = {
  readonly number: number
  /** database size in pages after this commit; 0: not the end of a transaction */
  readonly commit: number
  readonly salts: WalChecksum
  readonly stored: WalChecksum
}

export function readFrame(bytes: Uint8Array): WalFrame {
  const view = viewOf(bytes)
  return {
    number: view.getUint32(0),
    commit: view.getUint32(4),
    salts: [view.getUint32(8), view.getUint32(12)],
    stored: [view.getUint32(16), view.getUint32(20)],
  }
}

/** The checksum of a frame after a frame with the checksum `from`. Salts are not included. */
export function frameChecksum(bytes: Uint8Array, from: WalChecksum, isLittle: boolean): WalChecksum {
  const view = viewOf(bytes)
  return sumOf(view, FRAME_HEADER_BYTES, bytes.length, sumOf(view, 0, 8, from, isLittle), isLittle)
}

export const sameChecksum = ([a, b]: WalChecksum, [c, d]: WalChecksum): boolean => a === c && b === d

function sumOf(view: DataView, from: number, to: number, [first, second]: WalChecksum, isLittle: boolean): WalChecksum {
  let a = first | 0
  let b = second | 0
  for (let at = from; at < to; at += 8) {
    a = (a + view.getInt32(at, isLittle) + b) | 0
    b = (b + view.getInt32(at + 4, isLittle) + a) | 0
  }
  return [a >>> 0, b >>> 0]
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength)
