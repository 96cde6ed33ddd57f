import { TerminalError } from '../../errors.ts'

type FileSignature = readonly [opening: RegExp, mediaType: string]

/** Signatures of files. Container formats are told apart by the bytes after the signature. */
const FILE_SIGNATURES: readonly FileSignature[] = [
  [/^\x89PNG/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^(?:II\*[^ -~]|MM[^ -~]\*)/, 'image/tiff'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
  [/^RIFF[\s\S]{4}AVI /, 'video/x-msvideo'],
  [/^RIFF/, 'audio/wav'],
  [/^OggS/, 'audio/ogg'],
  [/^fLaC/, 'audio/flac'],
  [/^(?:ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, 'audio/mpeg'],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'audio/aac'],
  [/^[\s\S]{4}ftyp(?:heic|heix|mif1)/, 'image/heic'],
  [/^[\s\S]{4}ftypavif/, 'image/avif'],
  [/^[\s\S]{4}ftypM4A/, 'audio/mp4'],
  [/^[\s\S]{4}ftypqt/, 'video/quicktime'],
  [/^[\s\S]{4}ftyp/, 'video/mp4'],
  [/^[^ -~]E\xdf\xa3/, 'video/webm'],
  [/^%PDF-/, 'application/pdf'],
]

const EXTENSION_TYPES: { readonly [ending: string]: string } = {
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
  ogv: 'video/ogg',
  avi: 'video/x-msvideo',
  pdf: 'application/pdf',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
  xml: 'application/xml',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  txt: 'text/plain',
}

/** The media type by signature; undefined when unknown. */
export function mediaTypeOfBytes(bytes: Buffer): string | undefined {
  const opening = bytes.toString('latin1', 0, 16)
  return FILE_SIGNATURES.find(([pattern]) => pattern.test(opening))?.[1]
}

/** The media type by file extension; undefined when unknown. */
export function mediaTypeOfName(name: string): string | undefined {
  const [, ending = ''] = /\.(\w+)$/.exec(name) ?? []
  return Object.hasOwn(EXTENSION_TYPES, ending.toLowerCase()) ? EXTENSION_TYPES[ending.toLowerCase()] : undefined
}

/**
 * The media type by signature and extension. TerminalError when they
 * contradict each other, and for an unknown binary file.
 */
export function detectMediaType(name: string, bytes: Buffer): string {
  const [found, said] = [mediaTypeOfBytes(bytes), mediaTypeOfName(name)]
  if (found !== undefined) {
    // a container for sound may also hold pictures
    if (said !== undefined && subtypeOf(said) === subtypeOf(found)) return said
    if (said === undefined || familyOf(said) === familyOf(found)) return found
    throw wrong(`${name} has the content of ${found}, but its name says ${said}.`)
  }
  if (said !== undefined && !isTextType(said))
    throw wrong(`${name} does not have the content of ${said}, which its name says.`)
  if (isText(bytes)) return said ?? 'text/plain'
  throw wrong(`${name}: expected text, an image, audio, video or a PDF.`)
}

/** Whether a media type is read as text. */
export function isTextType(mediaType: string): boolean {
  return /^(?:text\/|application\/(?:json|yaml|xml)\b)/.test(mediaType)
}

const familyOf = (type: string) => type.split('/')[0]
const subtypeOf = (type: string) => type.split('/')[1]
const wrong = (message: string) => new TerminalError(message, { code: 'bad_value' })

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
