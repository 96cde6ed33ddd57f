import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT = 0xffff
const ENTRY = 0x02014b50
const ENTRY_BYTES = 46
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30

/**
 * The entries of a zip file by their names, and the bytes that they have together, measured by unpacking one after the
 * other: the sizes that the file states may be wrong. More than `most` bytes once they exceed it, without the entries
 * from there on; undefined for a file that is no zip.
 */
export function unpack(bytes: Buffer, most: number): Unpacked | undefined {
  const end = findEnd(bytes)
  if (end === undefined) return undefined
  const entries = new Map<string, Buffer>()
  let size = 0
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY) return undefined
    const entry = unpackEntry(bytes, at, most - size)
    if (entry === undefined) return undefined
    size += entry.length
    if (size > most) return { size, entries }
    const name = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28)
    entries.set(bytes.toString('utf8', at + ENTRY_BYTES, name), entry)
    at = name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return { size, entries }
}

/** Whether a zip file has an entry of this name, by its directory: an archive in it has a directory of its own. */
export function hasEntry(bytes: Buffer, wanted: string): boolean {
  const end = findEnd(bytes)
  if (end === undefined) return false
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY) return false
    const name = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28)
    if (bytes.toString('utf8', at + ENTRY_BYTES, name) === wanted) return true
    at = name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return false
}

type Unpacked = { readonly size: number; readonly entries: ReadonlyMap<string, Buffer> }

/** Where the directory says that it ends; a comment may follow. */
function findEnd(bytes: Buffer): number | undefined {
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT)
  for (let at = bytes.length - END_BYTES; at >= first; at--) if (bytes.readUInt32LE(at) === END) return at
  return undefined
}

/** One byte more than `most` for an entry that is larger. */
function unpackEntry(bytes: Buffer, entry: number, most: number): Buffer | undefined {
  const [packed, local] = [bytes.readUInt32LE(entry + 20), bytes.readUInt32LE(entry + 42)]
  if (local + LOCAL_BYTES > bytes.length || bytes.readUInt32LE(local) !== LOCAL) return undefined
  const from = local + LOCAL_BYTES + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
  const content = bytes.subarray(from, from + packed)
  if (bytes.readUInt16LE(entry + 10) === 0) return content
  try {
    return inflateRawSync(content, { maxOutputLength: most + 1 })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? Buffer.alloc(most + 1) : undefined
  }
}
