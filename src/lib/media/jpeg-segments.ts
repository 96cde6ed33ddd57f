/** A segment of a JPEG file: its marker, and its bytes with the marker. The scan data belongs to the segment before. */
type JpegSegment = { readonly marker: number; readonly start: number; readonly end: number }

const START_OF_IMAGE = 0xd8
const END_OF_IMAGE = 0xd9
const START_OF_SCAN = 0xda

/**
 * The segments between the start and the end of an image. Bytes behind the end, where cameras put a second picture or
 * notes, are in none. Undefined: the file is damaged before its last scan. A last scan without an end is complete.
 */
export function jpegSegments(bytes: Buffer): readonly JpegSegment[] | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return undefined
  const segments: JpegSegment[] = []
  let start = 2
  while (start + 4 <= bytes.length) {
    // a marker may have fill bytes before it
    if (bytes[start] === 0xff && bytes[start + 1] === 0xff) {
      start++
      continue
    }
    const marker = bytes[start + 1]!
    if (bytes[start] !== 0xff || marker === 0) return undefined
    if (marker === END_OF_IMAGE) break
    const length = bytes.readUInt16BE(start + 2)
    const headEnd = start + 2 + length
    if (length < 2 || headEnd > bytes.length) return undefined
    const end = marker === START_OF_SCAN ? endOfScan(bytes, headEnd) : headEnd
    segments.push({ marker, start, end })
    start = end
  }
  return segments.some(({ marker }) => marker === START_OF_SCAN) ? segments : undefined
}

/** The next marker: in scan data, `ff` is followed by `00` or by the marker of a restart. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  return bytes.length
}
