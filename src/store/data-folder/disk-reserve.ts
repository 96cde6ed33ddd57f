import { randomFillSync } from 'node:crypto'
import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that a data folder holds for the day on which its disk is full: removing things takes room, too. */
const RESERVE_BYTES = 4 * 1024 * 1024

const ballastIn = (data: string) => join(data, 'ballast')

/** Puts the ballast into a data folder, unless it is there or the disk has little room. */
export function writeReserve(data: string): void {
  if (existsSync(ballastIn(data)) || freeIn(data) < 4 * RESERVE_BYTES) return
  const file = openSync(ballastIn(data), 'wx', 0o600)
  try {
    // random: a file system that compresses would keep nothing of zeros
    writeSync(file, randomFillSync(Buffer.alloc(RESERVE_BYTES)))
  } catch (error) {
    if (!DISK_FULL_CODES.has((error as NodeJS.ErrnoException).code)) throw error
    dropBallast(data)
  } finally {
    closeSync(file)
  }
}

/** Gives the room of the ballast away when the disk has less than that. */
export function dropReserveIfFull(data: string): void {
  if (existsSync(ballastIn(data)) && freeIn(data) < RESERVE_BYTES) dropBallast(data)
}

const dropBallast = (data: string) => rmSync(ballastIn(data), { force: true })

const DISK_FULL_CODES: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

function freeIn(data: string): number {
  const { bsize, bavail } = statfsSync(data)
  return bsize * bavail
}
