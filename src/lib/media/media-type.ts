import { decodeText, isDecoded, withoutCutCharacter } from '../encoding/encoding.ts'

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
}

/** The content type of bytes of an unknown kind. */
export const UNKNOWN_TYPE = 'application/octet-stream'

/** The media type by signature; undefined when unknown. */
export async function mediaTypeOfBytes(bytes: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type')
  // the library reads on to the first pixels of a PNG, which may be far away, or missing
  const found =
    (await fileTypeFromBuffer(bytes))?.mime ?? (PNG.every((byte, at) => bytes[at] === byte) ? 'image/png' : undefined)
  if (found === undefined) return undefined
  // words may begin like a signature of a few letters
  if (!SURE.test(found) && isText(bytes)) return undefined
  return USUAL[found] ?? found
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Signatures that no text begins with, and formats that are written as text. */
const SURE = /^(?:image\/(?!bmp|x-icon)|audio\/(?!amr)|video\/|application\/(?:pdf|rtf|xml|zip)|text\/)/

/** The media type by file extension; undefined when unknown. */
export function mediaTypeOfName(name: string): string | undefined {
  const ending = endingOf(name)
  return Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined
}

const endingOf = (name: string) => (/\.(\w+)$/.exec(name)?.[1] ?? '').toLowerCase()

/** The type of a file. `said`: its name says this type, which its content contradicts. */
export type FoundType = { readonly type: string; readonly said?: string }

/**
 * The type of a file, from its first bytes. Its name only tells formats of text apart, and which of sound and video a
 * container holds.
 */
export async function typeOfFile(name: string, head: Uint8Array): Promise<FoundType> {
  // programs run the code in them, so nobody opens them
  if (/\.(?:pt|pth|pkl|pickle|ckpt|bin)$/i.test(name)) return { type: UNKNOWN_TYPE }
  const [found, said] = [await mediaTypeOfBytes(head), mediaTypeOfName(name)]
  if (found !== undefined && !isTextType(found)) {
    if (said === undefined) return { type: found }
    if (subtypeOf(said) === subtypeOf(found)) return { type: said }
    return kindOf(said) === kindOf(found) ? { type: found } : { type: found, said }
  }
  const type = found ?? (isText(head) ? 'text/plain' : UNKNOWN_TYPE)
  if (said === undefined) return { type }
  return isTextType(said) && isTextType(type) ? { type: said } : { type, said }
}

/** Whether a media type is read as text. */
export const isTextType = (mediaType: string): boolean =>
  /^(?:text\/|application\/(?:json|yaml|xml|rtf)\b)/.test(mediaType)

const subtypeOf = (type: string) => type.split('/')[1]

/** Sound and video share containers. */
const kindOf = (type: string) => type.split('/')[0]!.replace('audio', 'video')

/** Whether bytes are the beginning of a text, in any encoding that can be told. */
export function isText(head: Uint8Array): boolean {
  const read = decodeText(withoutCutCharacter(head))
  return isDecoded(read) && !read.text.includes('\0')
}
