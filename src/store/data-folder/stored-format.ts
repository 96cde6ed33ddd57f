import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { otherFormat } from '../database/create-tables.ts'
import { ignoreMissing } from '../files/private.ts'
import { MEMORY_FORMAT, STORED_FORMAT } from '../stored-format.ts'
import { readFirstPage } from '../wal/read.ts'
import { checkFileKinds } from './file-kinds.ts'

/**
 * Reads the format without SQLite, so that the folder stays unchanged. Closing the file releases
 * SQLite locks of this process, so call it only if this process does not own the folder.
 * @throws InvalidError if the data has another format, or something in the folder cannot be data
 */
export function checkStoredFormat(folder: string): void {
  checkFileKinds(folder)
  checkFormat(join(folder, 'engine.db'), `the data folder ${folder}`, STORED_FORMAT)
  checkFormat(join(folder, 'memory.db'), `the memory in the data folder ${folder}`, MEMORY_FORMAT)
}

function checkFormat(path: string, what: string, expected: number): void {
  const found = newestFormat(path, expected)
  if (found !== 0 && found !== expected) throw otherFormat(what, found, expected)
}

/** The format of a database file; 0 without one. */
function newestFormat(path: string, expected: number): number {
  const found = formatIn(readStart(path))
  // the write-ahead log may be newer than the file
  return found === expected ? found : formatIn(readFirstPage(path)) || found
}

/** Offset of `user_version` in the SQLite header. */
const FORMAT_BYTE = 60
const HEADER_BYTES = 100

/** The format in the first page; 0 if there is no page. */
function formatIn(page: Buffer | undefined): number {
  return page && page.length >= HEADER_BYTES ? page.readUInt32BE(FORMAT_BYTE) : 0
}

function readStart(path: string): Buffer | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException)
  }
  try {
    const bytes = Buffer.alloc(HEADER_BYTES)
    return bytes.subarray(0, readSync(file, bytes, 0, HEADER_BYTES, 0))
  } finally {
    closeSync(file)
  }
}
