import { constants, inflateRawSync } from 'node:zlib'

const MB = 1024 * 1024
/** Maximum bytes of one stream of a PDF when it is unpacked, and of all its streams that are not pictures. */
const MAX_STREAM_BYTES = 64 * MB
const MAX_ALL_BYTES = 256 * MB

/** The header of a zlib stream, before what is deflated. */
const HEADER_BYTES = 2

/** Where the dictionary of a stream begins at the earliest, before the stream. */
const DICTIONARY_BYTES = 4096

/**
 * Whether a stream of a PDF, or all of them, unpack to more than the parser can hold. It unpacks what the parser would,
 * one filter after the other, each up to the limit. Pictures and attached files do not count, since no reader of text
 * unpacks them. What only the parser can unpack, such as an encrypted stream, meets the limit of memory.
 */
export function isInflated(pdf: Buffer): boolean {
  let left = MAX_ALL_BYTES
  for (let at = pdf.indexOf('stream'); at >= 0; at = pdf.indexOf('stream', at + 6)) {
    if (pdf.toString('latin1', at - 3, at) === 'end') continue
    const filters = deflatedIn(pdf, at)
    if (filters === 0) continue
    const [size, largest] = unpackedSize(pdf.subarray(bodyAt(pdf, at + 6)), filters)
    left -= size
    if (largest > MAX_STREAM_BYTES || left < 0) return true
  }
  return false
}

const UNREAD = /\/Subtype\s*\/Image\b|\/Type\s*\/EmbeddedFile\b/

/** How often the stream at `at` is deflated, one within the other. */
function deflatedIn(pdf: Buffer, at: number): number {
  const before = pdf.toString('latin1', Math.max(0, at - DICTIONARY_BYTES), at)
  const dictionary = before.slice(before.lastIndexOf(' obj') + 1)
  if (UNREAD.test(dictionary)) return 0
  const [, list = ''] = /\/F(?:ilter)?\s*(\[[^[\]]*\]|\/\w+)/.exec(dictionary) ?? []
  const names = list.match(/\w+/g) ?? []
  const other = names.findIndex((name) => name !== 'FlateDecode' && name !== 'Fl')
  return other < 0 ? names.length : other
}

/** The bytes of a stream begin on the line after its name. */
const bodyAt = (pdf: Buffer, at: number) =>
  at + (pdf[at] === 0x0d ? 1 : 0) + (pdf[at + (pdf[at] === 0x0d ? 1 : 0)] === 0x0a ? 1 : 0)

/** The bytes of a stream after its filters, and the most that it has after one of them. */
function unpackedSize(packed: Buffer, filters: number): readonly [size: number, largest: number] {
  let bytes = packed
  let largest = 0
  for (let filter = 0; filter < filters; filter++) {
    try {
      // a parser looks at no checksum, and reads a stream that is cut off as far as it goes
      bytes = inflateRawSync(bytes.subarray(HEADER_BYTES), {
        maxOutputLength: MAX_STREAM_BYTES,
        finishFlush: constants.Z_SYNC_FLUSH,
      })
    } catch (error) {
      // broken data unpacks to nothing
      const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      return isLarge ? [MAX_STREAM_BYTES, MAX_STREAM_BYTES + 1] : [0, largest]
    }
    largest = Math.max(largest, bytes.length)
  }
  return [bytes.length, largest]
}
