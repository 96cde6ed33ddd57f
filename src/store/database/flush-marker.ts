import { readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { ignoreMissing } from '../files/private.ts'

/**
 * The number of the last flushed write, in a file beside the database. Two slots with checksums are
 * written in turn, so a torn slot leaves the other intact. The number never exceeds what is on
 * disk.
 */
interface FlushMarker {
  /** Records a write that is on disk. */
  note(seq: number): void
  /** Resolves when the number is on disk. Undefined leaves the file unchanged. */
  close(seq: number | undefined): Promise<void>
}

/** ms between updates. */
const MARK_INTERVAL_MS = 1_000
/** Each slot has its own disk block. */
const BLOCK_BYTES = 4_096
const SLOTS = [0, 1] as const

export const flushMarkerPath = (database: string) => `${database}-flushed`

/** Undefined if the file is missing or unreadable. */
export function readFlushMarker(database: string): number | undefined {
  const found = readSlots(database).filter((seq) => seq !== undefined)
  return found.length === 0 ? undefined : Math.max(...found)
}

export function openFlushMarker(database: string, interval = MARK_INTERVAL_MS): FlushMarker {
  const [first = 0, second = 0] = readSlots(database)
  // overwrite the older slot first
  let slot = first > second ? 1 : 0
  let written = Math.max(first, second)
  let last = written
  let timer: NodeJS.Timeout | undefined
  let file: FileHandle | undefined
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    const seq = last
    file ??= await openSlots(flushMarkerPath(database))
    await file.write(textOf(seq), slot * BLOCK_BYTES)
    await file.datasync()
    slot = 1 - slot
    written = seq
  }

  function begin(): void {
    timer = undefined
    // if the disk rejects this, an older number stays, which is safe
    writing = (writing ?? Promise.resolve()).then(write).catch(() => {})
  }

  return {
    note(seq) {
      last = seq
      if (timer) return
      timer = setTimeout(begin, interval)
      timer.unref()
    },
    async close(seq) {
      clearTimeout(timer)
      await writing
      if (seq !== undefined && seq !== written) {
        last = seq
        await write().catch(() => {})
      }
      await file?.close()
    },
  }
}

function readSlots(database: string): readonly (number | undefined)[] {
  const bytes = read(flushMarkerPath(database))
  return SLOTS.map((slot) => bytes && parse(bytes.toString('latin1', slot * BLOCK_BYTES, slot * BLOCK_BYTES + LENGTH)))
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException)
  }
}

const DIGITS = 16
/** The digits and the checksum. */
const LENGTH = DIGITS + 1 + 8

function textOf(seq: number): string {
  const digits = String(seq).padStart(DIGITS, '0')
  return `${digits} ${sumOf(digits)}\n`
}

function parse(text: string): number | undefined {
  const digits = text.slice(0, DIGITS)
  return /^\d+$/.test(digits) && text.slice(DIGITS + 1) === sumOf(digits) ? Number(digits) : undefined
}

const sumOf = (digits: string) => crc32(digits).toString(16).padStart(8, '0')

async function openSlots(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    ignoreMissing(error as NodeJS.ErrnoException)
    return open(path, 'w+', 0o600)
  }
}
