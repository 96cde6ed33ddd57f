import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { otherFormat } from '../database/create-tables.ts'
import { ignoreMissing } from '../files/private.ts'
import { STORED_FORMAT } from '../stored-format.ts'
import { readFirstPage } from '../wal/read.ts'

/**
 * InvalidError for a data folder whose data has another format. Reads files without SQLite, so that the folder stays as it is.
 * Closing the file takes the locks of SQLite from this process: call it only where this process does not own the folder.
 */
export function checkStoredFormat(folder: string): void {
  const path = join(folder, 'engine.db')
  const found = formatIn(readStart(path))
  // the file may be older than its write-ahead log
  const newest = found === STORED_FORMAT ? found : formatIn(readFirstPage(path)) || found
  if (newest !== 0 && newest !== STORED_FORMAT) throw otherFormat(`the data folder ${folder}`, newest, STORED_FORMAT)
}

/** Where SQLite's header has `user_version`. */
const FORMAT_BYTE = 60
const HEADER_BYTES = 100

/** The number in the first page of a database; 0 when there is no page. */
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
