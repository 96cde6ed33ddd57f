import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { ignoreMissing } from '../files/private.ts'
import { FRAME_HEADER, HEADER, readHeader } from './format.ts'
import { judgeLog, type Verdict } from './verify.ts'

/** Frames that are read at once. */
const PORTION = 256

/** Judges the write-ahead log of a database that nobody has open, before SQLite reads it. */
export function judgeLogOf(database: string): Verdict {
  const file = openLog(`${database}-wal`)
  if (file === undefined) return { end: 'clean' }
  try {
    const head = Buffer.alloc(HEADER)
    if (readSync(file, head, 0, HEADER, 0) < HEADER) return { end: 'clean' }
    return judgeLog(head, framesIn(file, readHeader(head).page + FRAME_HEADER))
  } finally {
    closeSync(file)
  }
}

/** Whether everything was copied from the log, so that it could be emptied. */
export const isLogEmpty = (database: string): boolean =>
  (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0

function openLog(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException)
  }
}

function* framesIn(file: number, size: number): Generator<Uint8Array> {
  const end = fstatSync(file).size
  const portion = Buffer.alloc(PORTION * size)
  for (let at = HEADER; at + size <= end; ) {
    const whole = Math.floor(readSync(file, portion, 0, portion.length, at) / size)
    for (let n = 0; n < whole; n++) yield portion.subarray(n * size, (n + 1) * size)
    at += whole * size
    if (whole === 0) return
  }
}
