import { jpegSegments } from './jpeg-segments.ts'

const CUTTERS: { readonly [type: string]: (bytes: Buffer) => Uint8Array | undefined } = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
}

/**
 * A JPEG, PNG or WebP picture without EXIF, XMP, IPTC and comments: they say where, when and by whom it was taken.
 * Nothing is decoded, so the pixels stay as they are. Colour profiles stay, and so does the orientation of a JPEG.
 * Other types stay as they are. Undefined: the file is damaged, so that its metadata cannot be found.
 */
export function stripMetadata(type: string, content: Uint8Array): Uint8Array | undefined {
  if (!Object.hasOwn(CUTTERS, type)) return content
  return CUTTERS[type]!(Buffer.from(content.buffer, content.byteOffset, content.byteLength))
}

const EXIF = 'Exif\0\0'
/** The beginnings of segments that say how to show the picture. */
const SHOWN: { readonly [marker: number]: string } = { 224: 'JFIF\0', 226: 'ICC_PROFILE\0', 238: 'Adobe' }
const COMMENT = 0xfe
const isApplication = (marker: number) => marker >= 0xe0 && marker <= 0xef

function stripJpeg(bytes: Buffer): Uint8Array | undefined {
  const segments = jpegSegments(bytes)
  if (!segments) return undefined
  const parts = segments.flatMap(({ marker, start, end }) => {
    const begins = (opening: string) => bytes.toString('latin1', start + 4, start + 4 + opening.length) === opening
    if (marker === COMMENT) return []
    if (marker === 0xe1 && begins(EXIF)) return exifOf(orientationIn(bytes.subarray(start + 4 + EXIF.length, end)))
    if (isApplication(marker) && !begins(SHOWN[marker] ?? '\0none')) return []
    return [bytes.subarray(start, end)]
  })
  return Buffer.concat([bytes.subarray(0, 2), ...parts, Buffer.from([0xff, 0xd9])])
}

/** The orientation of a JPEG as EXIF numbers it; 1 if it says none. */
export function orientationOf(content: Uint8Array): number {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const exif = jpegSegments(bytes)?.find(
    ({ marker, start }) => marker === 0xe1 && bytes.toString('latin1', start + 4, start + 4 + EXIF.length) === EXIF,
  )
  return exif ? orientationIn(bytes.subarray(exif.start + 4 + EXIF.length, exif.end)) : 1
}

const ORIENTATION = 0x0112

/** The orientation in the first directory of EXIF, 1 if there is none. */
function orientationIn(tiff: Buffer): number {
  const isLittle = tiff.toString('latin1', 0, 2) === 'II'
  const short = (at: number) => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  if (tiff.length < 8) return 1
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + 12 * entry
    if (at + 12 > tiff.length) return 1
    if (short(at) === ORIENTATION) return short(at + 8)
  }
  return 1
}

/** EXIF that says an orientation and nothing else. */
function exifOf(orientation: number): readonly Buffer[] {
  if (orientation < 2 || orientation > 8) return []
  const entry = [0, 1, ORIENTATION >> 8, ORIENTATION & 0xff, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  const payload = [Buffer.from(EXIF, 'latin1'), Buffer.from([0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, ...entry])]
  const length = payload.reduce((sum, part) => sum + part.length, 2)
  return [Buffer.from([0xff, 0xe1, length >> 8, length & 0xff]), ...payload]
}

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n'
/** The chunks that change how the picture looks. Those with a capital are needed to read it. */
const PNG_CHUNKS = /^(?:[A-Z]...|tRNS|cHRM|gAMA|iCCP|sBIT|sRGB|cICP|mDCV|cLLI|bKGD|hIST|pHYs|sPLT|acTL|fcTL|fdAT)$/

function stripPng(bytes: Buffer): Uint8Array | undefined {
  if (bytes.toString('latin1', 0, 8) !== PNG_SIGNATURE) return undefined
  const parts = [bytes.subarray(0, 8)]
  for (let start = 8; start + 12 <= bytes.length; ) {
    const name = bytes.toString('latin1', start + 4, start + 8)
    const end = start + 12 + bytes.readUInt32BE(start)
    if (end > bytes.length) return undefined
    if (PNG_CHUNKS.test(name)) parts.push(bytes.subarray(start, end))
    if (name === 'IEND') return Buffer.concat(parts)
    start = end
  }
  return undefined
}

const WEBP_CHUNKS = ['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP']
/** The flags of `VP8X` that announce EXIF and XMP. */
const METADATA_FLAGS = 0x0c

function stripWebp(bytes: Buffer): Uint8Array | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') return undefined
  const parts: Buffer[] = []
  const length = Math.min(bytes.length, 8 + bytes.readUInt32LE(4))
  for (let start = 12; start + 8 <= length; ) {
    const name = bytes.toString('latin1', start, start + 4)
    const size = bytes.readUInt32LE(start + 4)
    const end = start + 8 + size + (size % 2)
    if (start + 8 + size > length) return undefined
    const chunk = Buffer.from(bytes.subarray(start, end))
    if (name === 'VP8X' && size > 0) chunk[8]! &= ~METADATA_FLAGS
    if (WEBP_CHUNKS.includes(name)) parts.push(chunk)
    start = end
  }
  if (parts.length === 0) return undefined
  const head = Buffer.from(bytes.subarray(0, 12))
  head.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4)
  return Buffer.concat([head, ...parts])
}
