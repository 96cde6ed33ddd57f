import { randomFillSync } from 'node:crypto'
import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Ballast of a data folder for a full disk, because deleting needs space, too. */
const RESERVE_BYTES = 4 * 1024 * 1024

const ballastIn = (data: string) => join(data, 'ballast')

/** A file system that compresses looks no further back than this. */
const BLOCK_BYTES = 1024 * 1024

/** Creates the ballast unless it exists or the disk is almost full. */
export function writeReserve(data: string): void {
  if (existsSync(ballastIn(data)) || freeIn(data) < 4 * RESERVE_BYTES) return
  const file = openSync(ballastIn(data), 'wx', 0o600)
  try {
    // random, because a file system may compress zeros
    const block = randomFillSync(Buffer.alloc(BLOCK_BYTES))
    for (let written = 0; written < RESERVE_BYTES; ) written += writeSync(file, block)
  } catch (error) {
    if (!DISK_FULL_CODES.has((error as NodeJS.ErrnoException).code)) throw error
    dropBallast(data)
  } finally {
    closeSync(file)
  }
}

/** Deletes the ballast when the disk has less free space than its size. */
export function dropReserveIfFull(data: string): void {
  if (existsSync(ballastIn(data)) && freeIn(data) < RESERVE_BYTES) dropBallast(data)
}

const dropBallast = (data: string) => rmSync(ballastIn(data), { force: true })

const DISK_FULL_CODES: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

function freeIn(data: string): number {
  const { bsize, bavail } = statfsSync(data)
  return bsize * bavail
}
