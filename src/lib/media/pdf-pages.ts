import { inflateSync } from 'node:zlib'
import { attempt } from '../flow/attempt.ts'

/** The pages that a PDF's bytes show, in plain or packed objects. Undefined: none, as in a PDF with a password. */
export function pagesOfPdf(content: Uint8Array): number | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const text = bytes.toString('latin1')
  const pages = pagesIn(text) || pagesIn(packedObjects(bytes, text))
  return pages > 0 ? pages : undefined
}

function pagesIn(text: string): number {
  const pages = text.match(/\/Type\s{0,4}\/Page\b/g)?.length ?? 0
  const counts = [...text.matchAll(/\/Type\s{0,4}\/Pages\b[^>]{0,2000}?\/Count (\d{1,6})/g)].map(([, count]) =>
    Number(count),
  )
  return Math.max(pages, ...counts)
}

/** Characters before a stream of packed objects, and bytes of one and of all of them. */
const MAX_HEAD = 500
const MAX_STREAM = 4_000_000
const MAX_UNPACKED = 32_000_000

/** The packed objects of a PDF as text. Bytes that cannot be unpacked are left out. */
function packedObjects(bytes: Buffer, text: string): string {
  const found: string[] = []
  let left = MAX_UNPACKED
  for (const { index } of text.matchAll(/\/Type\s{0,4}\/ObjStm\b/g)) {
    if (left <= 0) break
    const begin = /stream\r?\n/.exec(text.slice(index, index + MAX_HEAD))
    if (!begin) continue
    const start = index + begin.index + begin[0].length
    const end = text.indexOf('endstream', start)
    if (end < 0) break
    const objects = unpacked(bytes.subarray(start, end))
    // a stream that fails may have taken as much time as the longest one
    left -= Math.max(end - start, objects?.length ?? MAX_STREAM)
    if (objects) found.push(objects.toString('latin1'))
  }
  return found.join('\n')
}

const unpacked = (stream: Uint8Array): Buffer | undefined =>
  attempt(() => inflateSync(stream, { maxOutputLength: MAX_STREAM }))
