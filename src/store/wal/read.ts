import { closeSync, fstatSync, readSync, statSync } from 'node:fs'
import { openIfThere } from '../files/private.ts'
import { FRAME_HEADER_BYTES, frameChecksum, HEADER_BYTES, readFrame, readHeader, sameChecksum } from './format.ts'
import { verifyWal, type WalVerdict } from './verify.ts'

const FRAMES_PER_READ = 256

/** Verifies the write-ahead log of a closed database before SQLite reads it. */
export const verifyWalOf = (database: string): WalVerdict => readLog(database, verifyWal) ?? { end: 'clean' }

/** The first page of a closed database from its write-ahead log. Undefined if the log does not contain it. */
export function readFirstPage(database: string): Buffer | undefined {
  return readLog(database, (head, frames) => {
    const { salts, computed, isLittle } = readHeader(head)
    let sum = computed
    let page: Buffer | undefined
    let committed: Buffer | undefined
    for (const bytes of frames) {
      const frame = readFrame(bytes)
      sum = frameChecksum(bytes, sum, isLittle)
      if (!sameChecksum(frame.salts, salts) || !sameChecksum(frame.stored, sum)) break
      if (frame.number === 1) page = Buffer.from(bytes.subarray(FRAME_HEADER_BYTES))
      if (frame.commit > 0) committed = page
    }
    return committed
  })
}

/** Undefined if the header is incomplete. */
function readLog<T>(database: string, read: (head: Buffer, frames: Iterable<Uint8Array>) => T): T | undefined {
  const file = openIfThere(`${database}-wal`)
  if (file === undefined) return undefined
  try {
    const head = Buffer.alloc(HEADER_BYTES)
    if (readSync(file, head, 0, HEADER_BYTES, 0) < HEADER_BYTES) return undefined
    return read(head, framesIn(file, readHeader(head).page + FRAME_HEADER_BYTES))
  } finally {
    closeSync(file)
  }
}

/** Whether the log is completely checkpointed, so that it can be truncated. */
export const isWalEmpty = (database: string): boolean =>
  (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0

function* framesIn(file: number, size: number): Generator<Uint8Array> {
  const end = fstatSync(file).size
  const portion = Buffer.alloc(FRAMES_PER_READ * size)
  for (let at = HEADER_BYTES; at + size <= end; ) {
    const whole = Math.floor(readSync(file, portion, 0, portion.length, at) / size)
    for (let n = 0; n < whole; n++) yield portion.subarray(n * size, (n + 1) * size)
    at += whole * size
    if (whole === 0) return
  }
}
