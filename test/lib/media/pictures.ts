/** Small files of pictures with metadata, made by hand: no decoder reads them, so their pixels are of no account. */

const bytes = (...values: readonly number[]) => Buffer.from(values)
const latin = (text: string) => Buffer.from(text, 'latin1')

export const SECRET = 'GPS 52.5N 13.4E by Kim'

const segment = (marker: number, payload: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(payload.length + 2, 2)
  return Buffer.concat([head, payload])
}

/** EXIF with a text and, if given, an orientation. */
export function exif(orientation?: number, order: 'II' | 'MM' = 'II'): Buffer {
  const short = (value: number) => (order === 'II' ? bytes(value & 0xff, value >> 8) : bytes(value >> 8, value & 0xff))
  const long = (value: number) => (order === 'II' ? [short(value), short(0)] : [short(0), short(value)])
  const entry = [short(0x0112), short(3), ...long(1), short(orientation ?? 1), short(0)]
  const text = [short(0x010f), short(2), ...long(SECRET.length), ...long(100)]
  const count = orientation === undefined ? 1 : 2
  const entries = orientation === undefined ? text : [...text, ...entry]
  const head = [latin(order), short(42), ...long(8), short(count)]
  return Buffer.concat([latin('Exif\0\0'), ...head, ...entries, ...long(0), latin(SECRET)])
}

type JpegParts = {
  readonly segments?: readonly (readonly [marker: number, payload: Buffer])[]
  readonly width?: number
  readonly height?: number
}

/** A JPEG of one scan, with the segments before its frame, and a trailer behind its end. */
export function jpeg({ segments = [], width = 640, height = 480 }: JpegParts = {}, trailer = ''): Buffer {
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 1)
  frame.writeUInt16BE(width, 3)
  return Buffer.concat([
    bytes(0xff, 0xd8),
    ...segments.map(([marker, payload]) => segment(marker, payload)),
    segment(0xc0, frame),
    segment(0xda, bytes(1, 1, 0, 0, 63, 0)),
    // scan data with a stuffed byte and a restart
    bytes(0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9),
    latin(trailer),
  ])
}

const chunk = (name: string, payload: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(payload.length)
  return Buffer.concat([length, latin(name), payload, Buffer.alloc(4)])
}

export function png(
  chunks: readonly (readonly [name: string, payload: Buffer])[] = [],
  width = 640,
  height = 480,
  trailer = '',
) {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  return Buffer.concat([
    latin('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', head),
    ...chunks.map(([name, payload]) => chunk(name, payload)),
    chunk('IDAT', latin('pixels')),
    chunk('IEND', Buffer.alloc(0)),
    latin(trailer),
  ])
}

export function webp(chunks: readonly (readonly [name: string, payload: Buffer])[]): Buffer {
  const parts = chunks.map(([name, payload]) => {
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32LE(payload.length, 4)
    return Buffer.concat([head, payload, Buffer.alloc(payload.length % 2)])
  })
  const head = latin('RIFF\0\0\0\0WEBP')
  head.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4)
  return Buffer.concat([head, ...parts])
}

/** The header of an extended WebP: flags of colour profile, EXIF and XMP. */
export function vp8x(flags: number, width = 640, height = 480): Buffer {
  const payload = Buffer.alloc(10)
  payload[0] = flags
  payload.writeUIntLE(width - 1, 4, 3)
  payload.writeUIntLE(height - 1, 7, 3)
  return payload
}
