import { isUtf8 } from 'node:buffer'
import { attempt } from '../flow/attempt.ts'
import { countSequences, detectEncoding } from './detect.ts'

/** A text that was read from bytes, without its byte order mark. */
export type DecodedText = {
  readonly text: string
  /** `utf-8`, `utf-16le`, `utf-16be`, `windows-1252`, or the encoding that the caller named */
  readonly encoding: string
  /** whether the bytes begin with a byte order mark */
  readonly hasMark: boolean
  /** nobody named it, and it is not UTF-8 */
  readonly isDetected: boolean
}

/** The reason why bytes cannot be read as text, as words that follow a name, and the line of the first wrong byte. */
type UnreadableText = { readonly fault: string; readonly line?: number }

/**
 * Decodes bytes: in the encoding that is named, by their byte order mark, or by what they contain. No byte is ever
 * replaced. The one place that decides about encodings.
 */
export function decodeText(bytes: Uint8Array, named?: string): DecodedText | UnreadableText {
  if (named !== undefined) return decodeNamed(bytes, named)
  const mark = markOf(bytes)
  if (mark !== undefined) return decodeAs(bytes, mark, mark !== 'utf-8')
  const found = detectEncoding(bytes)
  return found === undefined ? faultOf(bytes) : decodeAs(bytes, found, found !== 'utf-8')
}

export const isDecoded = (read: DecodedText | UnreadableText): read is DecodedText => 'text' in read

/** A sentence about a text in another encoding than UTF-8 that nobody named; undefined: there is nothing to say. */
export function encodingNote(name: string, { encoding, isDetected }: DecodedText): string | undefined {
  if (!isDetected) return undefined
  return `${name} was read as ${encoding}: it is not UTF-8. If that is wrong, name its encoding.`
}

/** The text with a byte order mark of UTF-8 if its bytes have one. */
export const withUtf8Mark = ({ text, encoding, hasMark }: DecodedText): string =>
  hasMark && encoding === 'utf-8' ? `\ufeff${text}` : text

/** The bytes of a text in an encoding; undefined: the encoding cannot represent it, or cannot be written. */
export function encodeText(text: string, encoding: string, hasMark = false): Uint8Array | undefined {
  const bytes = encodeWithoutMark(text, encoding)
  const mark = hasMark ? MARKS.find(([name]) => name === encoding)?.[1] : undefined
  return bytes && mark ? Buffer.concat([Buffer.from(mark), bytes]) : bytes
}

/**
 * The encoding that a name such as `UTF8` or `iso-8859-1` stands for, as in browsers; undefined: there is none.
 * `latin1` is Latin-1 itself, one character for each byte.
 */
export function encodingOf(name: string): string | undefined {
  if (name === 'latin1') return name
  return attempt(() => new TextDecoder(name).encoding)
}

/** The beginning of a text without the part of a character that a limit has cut off. Pure. */
export function withoutCutCharacter(bytes: Uint8Array): Uint8Array {
  const mark = markOf(bytes)
  if (mark?.startsWith('utf-16') || detectEncoding(evenPart(bytes))?.startsWith('utf-16')) return evenPart(bytes)
  // a sequence of UTF-8 has at most three bytes after its first one
  const last = bytes.subarray(-3).findLastIndex((byte) => byte >= 0xc2 && byte <= 0xf4)
  if (last < 0) return bytes
  const cut = bytes.subarray(0, bytes.length - Math.min(3, bytes.length) + last)
  return countSequences(bytes.subarray(cut.length)).invalid > 0 && isUtf8(cut) ? cut : bytes
}

const evenPart = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - (bytes.length % 2))

/** Byte order marks. */
const MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

function markOf(bytes: Uint8Array): string | undefined {
  return MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))?.[0]
}

function decodeNamed(bytes: Uint8Array, named: string): DecodedText | UnreadableText {
  const encoding = encodingOf(named)
  if (encoding === undefined) return { fault: `cannot be read as ${named}: there is no encoding of that name` }
  return decodeAs(bytes, encoding, false)
}

function decodeAs(bytes: Uint8Array, encoding: string, isDetected: boolean): DecodedText | UnreadableText {
  const hasMark = markOf(bytes) === encoding
  try {
    const text = textIn(bytes, encoding)
    // UTF-32 begins with the mark of UTF-16
    if (hasMark && text.includes('\0')) return { fault: 'is not a text' }
    return { text, encoding, hasMark, isDetected }
  } catch {
    return encoding === 'utf-8' ? faultOf(bytes) : { fault: `is not a text in ${encoding}` }
  }
}

/** Names the first byte that is not UTF-8. */
function faultOf(bytes: Uint8Array): UnreadableText {
  const { valid, invalid, first } = countSequences(bytes)
  if (invalid === 0 || bytes.subarray(0, SNIFFED_BYTES).includes(0)) return { fault: 'is not a text' }
  const line = 1 + bytes.subarray(0, first).filter((byte) => byte === NEWLINE).length
  const byte = `byte 0x${bytes[first]!.toString(16).toUpperCase()} in line ${line}`
  const others = valid >= invalid ? ', while other characters are' : ''
  return { fault: `cannot be read as text: ${byte} is not UTF-8${others}`, line }
}

const NEWLINE = 10
const SNIFFED_BYTES = 8192

/** The characters of the bytes 0x80 to 0x9F, as in every browser. Some versions of Node.js decode them as Latin-1. */
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

/** The text; throws for a byte that cannot be read. */
function textIn(bytes: Uint8Array, encoding: string): string {
  if (encoding !== 'latin1' && encoding !== 'windows-1252')
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (encoding === 'latin1') return text
  return text.replace(/[\x80-\x9f]/g, (letter) => WINDOWS_1252[letter.charCodeAt(0) - 0x80]!)
}

function encodeWithoutMark(text: string, encoding: string): Uint8Array | undefined {
  if (encoding === 'utf-8') return Buffer.from(text)
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
  const known = singleByteTable(encoding)
  if (!known) return undefined
  const bytes = Buffer.alloc(text.length)
  for (let at = 0; at < text.length; at++) {
    const byte = known.get(text[at]!)
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return bytes
}

/** The byte of each character of a single-byte encoding; undefined for an encoding of several bytes. */
function singleByteTable(encoding: string): ReadonlyMap<string, number> | undefined {
  const known = new Map<string, number>()
  for (let byte = 0; byte < 256; byte++) {
    const letter = letterOf(byte, encoding)
    if (letter !== undefined) known.set(letter, byte)
  }
  // the bytes of other encodings mean nothing alone
  return known.size > MIN_LETTERS ? known : undefined
}

const MIN_LETTERS = 200

const letterOf = (byte: number, encoding: string): string | undefined =>
  attempt(() => textIn(Uint8Array.of(byte), encoding))
