import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ignoreMissing } from '../../store/files/private.ts'

const FILE = 'mcp-key'
const KEY_BYTES = 32

/**
 * The key that signs what clients keep between two calls. It lies in
 * the folder, so that it survives restarts, and is made at first use.
 */
export function readStateKey(folder: string): Uint8Array {
  const file = join(folder, FILE)
  const known = read(file)
  if (known) return known
  // a draft becomes the key whole, or not at all: of two processes one wins
  const draft = join(folder, `${FILE}.${randomBytes(8).toString('hex')}`)
  writeFileSync(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return read(file)!
}

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException)
  }
}
