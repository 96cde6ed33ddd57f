import { jpegSegments } from './jpeg-segments.ts'

/** The sides of a picture in pixels. */
type PictureSize = { readonly width: number; readonly height: number }

type ReadSize = (bytes: Buffer) => readonly [width: number, height: number] | undefined

const READERS: { readonly [type: string]: ReadSize } = {
  'image/png': (bytes) =>
    bytes.toString('latin1', 12, 16) === 'IHDR' ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] : undefined,
  'image/gif': (bytes) =>
    /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) ? [bytes.readUInt16LE(6), bytes.readUInt16LE(8)] : undefined,
  'image/jpeg': sizeOfJpeg,
  'image/webp': sizeOfWebp,
}

/** The size of a PNG, JPEG, GIF or WebP picture, from its header. Undefined: another type, or a damaged header. */
export function pictureSize(type: string, content: Uint8Array): PictureSize | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const read = Object.hasOwn(READERS, type) ? READERS[type]! : undefined
  const [width = 0, height = 0] = (bytes.length >= SMALLEST && read?.(bytes)) || []
  return width > 0 && height > 0 ? { width, height } : undefined
}

/** The bytes that the readers look at, and a GIF of one pixel has. */
const SMALLEST = 26
const SMALLEST_WEBP = 30

function sizeOfJpeg(bytes: Buffer): readonly [number, number] | undefined {
  const frame = jpegSegments(bytes)?.find(({ marker }) => isFrame(marker))
  return frame && frame.end - frame.start >= 9
    ? [bytes.readUInt16BE(frame.start + 7), bytes.readUInt16BE(frame.start + 5)]
    : undefined
}

/** `c0` to `cf` begin a frame, but for the tables `c4` and `cc`, and `c8`, which is reserved. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function sizeOfWebp(bytes: Buffer): readonly [number, number] | undefined {
  if (
    bytes.length < SMALLEST_WEBP ||
    bytes.toString('latin1', 0, 4) !== 'RIFF' ||
    bytes.toString('latin1', 8, 12) !== 'WEBP'
  )
    return undefined
  const form = bytes.toString('latin1', 12, 16)
  if (form === 'VP8X') return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1]
  if (form === 'VP8 ') return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]
  if (form !== 'VP8L') return undefined
  const bits = bytes.readUInt32LE(21)
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
}
