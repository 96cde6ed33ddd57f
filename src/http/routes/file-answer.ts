import { InvalidError } from '../../errors.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { problemResponse } from '../wire/response-headers.ts'

/** The bytes from `start` up to `end` (exclusive). */
type ByteRange = { readonly start: number; readonly end: number }

/** The part of a file that a request is for. `unchanged`: none, since the client has the file. */
type Asked = 'whole' | 'unchanged' | 'outside' | ByteRange

/**
 * The answer with a file, or with the part that the headers ask for. A browser shows pictures, sound and film, runs
 * nothing, and keeps everything else as a download.
 */
export async function fileAnswer(
  file: FileRef,
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  open: (range: ByteRange) => Promise<{ content(): AsyncIterable<Uint8Array> }>,
): Promise<Response> {
  const asked = askedOf(headers, file)
  if (asked === 'outside') return outside(file)
  const common = headersOf(file)
  if (asked === 'unchanged') return new Response(null, { status: 304, headers: common })
  const range = asked === 'whole' ? { start: 0, end: file.bytes } : asked
  const opened = method === 'HEAD' ? undefined : await open(range)
  return new Response(opened ? ReadableStream.from(opened.content()) : null, {
    status: asked === 'whole' ? 200 : 206,
    headers: {
      ...common,
      'content-length': String(range.end - range.start),
      ...(asked !== 'whole' && { 'content-range': `bytes ${range.start}-${range.end - 1}/${file.bytes}` }),
    },
  })
}

/** Kinds that a browser shows without running anything. */
const SHOWN = /^(?:image\/(?:png|jpeg|webp|gif)|(?:audio|video)\/[\w.+-]+)$/
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/

function headersOf({ file, type, name }: FileRef): { readonly [name: string]: string } {
  return {
    'content-type': MEDIA_TYPE.test(type) ? type : 'application/octet-stream',
    'content-disposition': dispositionOf(SHOWN.test(type) ? 'inline' : 'attachment', name),
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private',
    'accept-ranges': 'bytes',
    etag: `"${file}"`,
  }
}

/** The header with a name for the file (RFC 6266): as plain characters, and in full. */
function dispositionOf(how: 'inline' | 'attachment', name: string): string {
  const clean = name.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}/\\]/gu, '_')
  const plain = clean.replaceAll(/[^\x20-\x7e]|["%;]/g, '_')
  const encoded = encodeURIComponent(clean).replaceAll(/['()*]/g, byCode)
  return `${how}; filename="${plain}"; filename*=UTF-8''${encoded}`
}

const byCode = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`

/** Several ranges and unknown units ask for the whole file. The content behind an id never changes. */
function askedOf(headers: Headers, { file, bytes }: FileRef): Asked {
  const etags = headers.get('if-none-match')
  if (etags !== null && (etags.includes(`"${file}"`) || etags.trim() === '*')) return 'unchanged'
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '') ?? []
  const condition = headers.get('if-range')
  if ((first === '' && last === '') || (condition !== null && condition !== `"${file}"`)) return 'whole'
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < start) return 'whole'
  return start < end ? { start, end } : 'outside'
}

function outside({ bytes }: FileRef): Response {
  const response = problemResponse(
    new InvalidError(`Expected a range within ${bytes} bytes.`, { code: 'range_outside' }),
  )
  response.headers.set('content-range', `bytes */${bytes}`)
  return response
}
