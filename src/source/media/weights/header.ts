import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { unread } from '../../../extension/reader.ts'

/** A small page, because a reader of tensors jumps from one to the next. */
const PAGE = 4096
/** Bytes that are read of one file: more than any known header has. */
const MAX_READ = 64 * 1024 * 1024

/** The header of a model file: read from its start, page by page, with jumps. Errors: `bad_value` past the end. */
export interface Header {
  /** bytes of the whole file */
  readonly size: number
  readonly at: number
  /** Copies the next bytes. */
  take(length: number): Buffer
  /** Jumps over bytes, which are not read. */
  skip(length: number): void
}

/** Opens a header for one use. Reads are synchronous: they happen in the process for parsers. */
export function withHeader<T>(path: string, use: (header: Header) => T): T {
  const file = openSync(path, 'r')
  try {
    return use(headerOf(file))
  } finally {
    closeSync(file)
  }
}

function headerOf(file: number): Header {
  const { size } = fstatSync(file)
  let at = 0
  let spent = 0
  let page: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) }

  function move(length: number): number {
    if (!Number.isSafeInteger(length) || length < 0 || length > size - at) throw cutOff()
    const before = at
    at += length
    return before
  }

  function load(start: number, length: number): Buffer {
    spent += length
    if (spent > MAX_READ) throw unread(`its header is larger than ${MAX_READ / 1024 / 1024} MiB`, 'too_large')
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, start))
  }

  return {
    size,
    get at() {
      return at
    },
    take(length) {
      const start = move(length)
      if (start < page.start || start + length > page.start + page.bytes.length)
        page = { start, bytes: load(start, Math.max(length, Math.min(PAGE, size - start))) }
      const bytes = page.bytes.subarray(start - page.start, start - page.start + length)
      if (bytes.length < length) throw cutOff()
      return bytes
    },
    skip(length) {
      move(length)
    },
  }
}

const cutOff = () => damaged('its header goes on after its end')

/** The error of a header that contradicts itself or its file. */
export const damaged = (why: string) => unread(`it is damaged or cut off: ${why}`, 'bad_value')
