import { constants, deflateRawSync, deflateSync } from 'node:zlib'
import { makeZip } from './make-files.ts'

const MB = 1024 * 1024

let block: Buffer | undefined

/** Blanks that are deflated `times` times. 64 MiB end in a whole block, so the same block makes as many as are wanted. */
export function deflatedBlanks(megabytes: number, times: number): Buffer {
  block ??= deflateRawSync(Buffer.alloc(64 * MB, ' '), { level: 9, finishFlush: constants.Z_FULL_FLUSH })
  const blocks = Array.from<Buffer>({ length: megabytes / 64 }).fill(block)
  // of a zlib stream: its header, and the checksum that no reader of PDF looks at
  let bytes = Buffer.concat([Buffer.from([0x78, 0xda]), ...blocks, Buffer.from([3, 0, 0, 0, 0, 0])])
  for (let time = 1; time < times; time++) bytes = deflateSync(bytes, { level: 9 })
  return bytes
}

/** A PDF with one page, whose text is these bytes behind these filters. `entries`: more of the stream's dictionary. */
export function makePdfOf(content: Buffer, filters: readonly string[], entries = ''): Buffer {
  const list = filters.map((name) => `/${name}`).join(' ')
  const head = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >> endobj
4 0 obj << /Length ${content.length} /Filter [${list}] ${entries}>>
stream
`
  const end = '\nendstream endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n'
  return Buffer.concat([Buffer.from(head), content, Buffer.from(end)])
}

/** A zip file with a zip file in it, and so on. */
export function nestedZip(depth: number, innermost: Buffer): Buffer {
  return depth === 0 ? innermost : makeZip({ 'word/document.xml': nestedZip(depth - 1, innermost) })
}

/** Changes some bytes of a file, cuts or repeats a part of it; the same `seed` gives the same. */
export function mutated(file: Buffer, seed: number): Buffer {
  let state = seed * 2654435761 + 1
  const random = (most: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0
    return state % most
  }
  const at = random(file.length)
  const kind = random(4)
  if (kind === 0) return file.subarray(0, at)
  if (kind === 1) return Buffer.concat([file.subarray(0, at), file.subarray(at >> 1)])
  const changed = Buffer.from(file)
  for (let count = 1 + random(kind === 2 ? 4 : 60); count > 0; count--) changed[random(file.length)] = random(256)
  return changed
}
