import { type FileHandle, open } from 'node:fs/promises'
import { problemOf } from '../errors.ts'
import { unpack } from '../lib/encoding/zip.ts'
import { loadExtension } from './extension.ts'
import { readerIn } from './extensions.ts'
import { type Reader, type ReaderFile, type ReaderResult, unread } from './reader.ts'

/** A file for the reader of an extension: its bytes, or a path from which ranges are read. */
export type FileForReader = { readonly name: string; readonly type: string } & (
  | { readonly bytes: Uint8Array }
  | { readonly path: string; readonly size: number }
)

/** Maximum characters and pages of a document. */
export const MAX_CHARACTERS = 16 * 1024 * 1024
const MAX_PAGES = 5_000
/** Maximum bytes of all entries of a zip file, unpacked: parsers need many times as much, and the heap is limited. */
export const MAX_UNPACKED_BYTES = 4 * 1024 * 1024

/** Runs the reader of an extension: a job of the process with bounded memory. */
export async function readFile({ module, file }: { readonly module: string; readonly file: FileForReader }) {
  if ('bytes' in file) return readWith(module, fileOfBytes(file))
  // a reader of headers asks for many ranges
  const handle = await open(file.path)
  return readWith(module, fileAt(handle, file)).finally(() => handle.close())
}

/** Runs the reader of an extension in this process, which must be one with bounded memory. */
export async function readWith(module: string, file: ReaderFile): Promise<ReaderResult> {
  const extension = await loadExtension(module)
  const reader = readerIn(extension, file.type)!
  return reader.read(file, { characters: MAX_CHARACTERS, pages: MAX_PAGES })
}

/** A file whose bytes are in memory. */
export function fileOfBytes({ name, type, bytes }: { name: string; type: string; bytes: Uint8Array }): ReaderFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    name,
    type,
    size: buffer.length,
    read: async (from = 0, to = buffer.length) => buffer.subarray(from, to),
    unpack: async () => unpackAll(buffer),
  }
}

function fileAt(handle: FileHandle, { name, type, size }: Omit<ReaderFile, 'read' | 'unpack'>): ReaderFile {
  const read: ReaderFile['read'] = async (from = 0, to = size) => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(to, size) - from))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from)
    return bytes.subarray(0, bytesRead)
  }
  return { name, type, size, read, unpack: async () => unpackAll(Buffer.from(await read())) }
}

function unpackAll(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const unpacked = unpack(bytes, MAX_UNPACKED_BYTES)
  if (unpacked === undefined) throw unread('it is a broken archive', 'bad_value')
  if (unpacked.size <= MAX_UNPACKED_BYTES) return unpacked.entries
  throw unread(`it unpacks to more than ${MAX_UNPACKED_BYTES / 1024 / 1024} MiB`, 'too_large')
}

/** CPU that the detection of a reader may take, ms. */
const DETECT_MS = 100

/** The type that a reader detects, or why it detects none. */
export type Detection = { readonly type?: string; readonly fault?: string }

/** The type that a reader of an extension detects: a job of the process with bounded memory. */
export async function detectType(given: { readonly module: string; readonly name: string; readonly head: Uint8Array }) {
  const { readers = [] } = await loadExtension(given.module)
  for (const reader of readers) {
    const found = detectWith(reader, given)
    if (found.type !== undefined || found.fault !== undefined) return found
  }
  return {}
}

function detectWith(reader: Reader, { name, head }: { readonly name: string; readonly head: Uint8Array }): Detection {
  const begun = process.cpuUsage()
  try {
    const type = reader.detect?.(head, name)
    const { user, system } = process.cpuUsage(begun)
    if (user + system > DETECT_MS * 1000) return { fault: `its \`detect\` took more than ${DETECT_MS} ms of CPU` }
    if (type === undefined || readerIn({ readers: [reader] }, type)) return type === undefined ? {} : { type }
    return { fault: `its \`detect\` gave ${JSON.stringify(type)}, which is not among its types` }
  } catch (error) {
    return { fault: `its \`detect\` failed: ${problemOf(error).message}` }
  }
}
