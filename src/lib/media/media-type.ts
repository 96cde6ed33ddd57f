import { isUtf8 } from 'node:buffer'
import { decodeText, isDecoded, withoutCutCharacter } from '../encoding/encoding.ts'
import { isTextType } from './text-type.ts'
import { weightsTypeOf, weightsTypeOfName } from './weights-type.ts'

/** Types by the ending of a name: those that a content contradicts or makes more precise, and those of texts. */
const TYPES: { readonly [ending: string]: string } = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  heic: 'image/heic',
  avif: 'image/avif',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  m4a: 'audio/mp4',
  weba: 'audio/webm',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/matroska',
  ogv: 'video/ogg',
  avi: 'video/x-msvideo',
  pdf: 'application/pdf',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
  xml: 'application/xml',
  // a drawing is text: no program shows it as a picture
  svg: 'application/xml',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  txt: 'text/plain',
  log: 'text/plain',
}

/** Names that `file-type` gives, and those that models and browsers know. */
const USUAL: { readonly [type: string]: string } = {
  'audio/x-m4a': 'audio/mp4',
  'video/x-m4v': 'video/mp4',
  'video/vnd.avi': 'video/x-msvideo',
  'audio/ogg; codecs=opus': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'image/apng': 'image/png',
}

/** The content type of bytes of an unknown kind. */
export const UNKNOWN_TYPE = 'application/octet-stream'

/** The type of a picture, a recording, a film or a PDF, by its signature; undefined for all else. */
export async function mediaTypeOfBytes(bytes: Uint8Array): Promise<string | undefined> {
  const found = await typeBySignature(bytes)
  return found !== undefined && /^(?:image|audio|video)\/|^application\/pdf$/.test(found) ? found : undefined
}

/** Bytes in which the library finds most signatures. */
const START = 4100

async function typeBySignature(bytes: Uint8Array): Promise<string | undefined> {
  const start = bytes.subarray(0, START)
  // may be a text from end to end
  if (startsWith(start, '%PDF-')) return 'application/pdf'
  // nothing is loaded for a text, whose first words may look like a signature of two letters
  if (isPlain(start)) return undefined
  const { fileTypeFromBuffer } = await import('file-type')
  const found = (await fileTypeFromBuffer(bytes))?.mime
  // sound without a container begins like an icon
  if (found === 'image/x-icon') return undefined
  if (found !== undefined) return USUAL[found] ?? found
  // the library reads on to the first pixels of a PNG, which may be far away, or missing
  return startsWith(start, '\x89PNG') ? 'image/png' : undefined
}

const startsWith = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.subarray(0, text.length)).equals(Buffer.from(text, 'latin1'))

/** Whether bytes are the beginning of a text in UTF-8. */
const isPlain = (start: Uint8Array) => isUtf8(withoutCutCharacter(start)) && !start.some((byte) => CONTROLS.has(byte))

/** Control characters that no text has. */
const CONTROLS: ReadonlySet<number> = new Set(
  Array.from({ length: 32 }, (_, code) => code).filter((code) => !'\t\n\v\f\r\x1b'.includes(String.fromCharCode(code))),
)

/** The media type by file extension; undefined when unknown. */
export function mediaTypeOfName(name: string): string | undefined {
  const ending = endingOf(name)
  return Object.hasOwn(TYPES, ending) ? TYPES[ending] : weightsTypeOfName(name)
}

const endingOf = (name: string) => (/\.(\w+)$/.exec(name)?.[1] ?? '').toLowerCase()

/** The type of a file. `said`: its name says this type, which its content contradicts. */
type FoundType = { readonly type: string; readonly said?: string }

/** The type of a file by its first bytes. The name only tells apart formats of text, and sound from video. */
export async function typeOfFile(name: string, head: Uint8Array): Promise<FoundType> {
  // programs run the code in them, so nobody opens them
  if (/\.(?:pt|pth|pkl|pickle|ckpt|bin)$/i.test(name)) return { type: UNKNOWN_TYPE }
  const weights = weightsTypeOf(name, head)
  if (weights !== undefined) return { type: weights }
  const [found, said] = [await typeBySignature(head), mediaTypeOfName(name)]
  if (found !== undefined && !isTextType(found)) {
    if (said === undefined) return { type: found }
    if (subtypeOf(said) === subtypeOf(found)) return { type: said }
    return kindOf(said) === kindOf(found) ? { type: found } : { type: found, said }
  }
  const type = found ?? (isText(head) ? 'text/plain' : UNKNOWN_TYPE)
  if (said === undefined) return { type }
  if (!isTextType(said)) return { type, said }
  // a text with a broken byte is a file, too
  return { type: isTextType(type) ? said : type }
}

const subtypeOf = (type: string) => type.split('/')[1]

/** Sound and video share containers. */
const kindOf = (type: string) => type.split('/')[0]!.replace('audio', 'video')

/** Fewer bytes are a whole file. */
const WHOLE = 64 * 1024

/** Whether bytes are the beginning of a text, in any encoding that can be told. */
function isText(head: Uint8Array): boolean {
  const read = decodeText(head.length < WHOLE ? head : withoutCutCharacter(head))
  return isDecoded(read) && !read.text.includes('\0')
}
