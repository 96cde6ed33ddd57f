import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import { decodeText, isDecoded, withoutCutCharacter } from '../encoding/encoding.ts'
import { readHead } from '../encoding/plain-file.ts'
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
  const type = (await typeBySignature(head)) ?? (isText(head) ? 'text/plain' : UNKNOWN_TYPE)
  const [named, said] = [mediaTypeOfName(name), contradictedBy(name, type)]
  if (said !== undefined) return { type, said }
  const isMorePrecise =
    named !== undefined && (isTextType(type) ? isTextType(named) : subtypeOf(named) === subtypeOf(type))
  return { type: isMorePrecise ? named : type }
}

/** The type that a name says and the type of the content contradicts; undefined: the name does not lie. */
function contradictedBy(name: string, type: string): string | undefined {
  const said = mediaTypeOfName(name)
  if (said === undefined) return undefined
  // a text with a broken byte is a file, too
  const isTextual = isTextType(type) || type === UNKNOWN_TYPE
  return (isTextual ? isTextType(said) : kindOf(said) === kindOf(type)) ? undefined : said
}

/** The type of a file of this machine, by its content. A file that cannot be read has the type of its name. */
export async function typeAt(path: string): Promise<string | undefined> {
  const head = await readHead(path, WHOLE).catch(() => undefined)
  return head === undefined ? mediaTypeOfName(path) : (await typeOfFile(basename(path), head)).type
}

/** Whether a file of this machine is a text by its content. A picture or a recording shows in its first bytes. */
export async function isTextAt(path: string): Promise<boolean> {
  const start = await readHead(path, START).catch(() => undefined)
  return start !== undefined && (await typeBySignature(start)) === undefined && isTextType((await typeAt(path)) ?? '')
}

/** A sentence about a file whose name says another type than its content has, or none. */
export function gapOfName(name: string, type: string): readonly string[] {
  const said = contradictedBy(name, type)
  return said === undefined ? [] : [`it is ${type}, and its name says ${said}`]
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
