import { isUtf8 } from 'node:buffer'

type Detected = 'utf-8' | Wide | 'windows-1252'
type Wide = 'utf-16le' | 'utf-16be'

/**
 * The encoding of a text without a byte order mark: UTF-16 if its code units are characters of texts, UTF-8 if all
 * bytes are valid, otherwise windows-1252. Undefined: the bytes are not a text, a text in UTF-8 with some invalid
 * bytes, or too short or too odd for a guess. Pure.
 */
export function detectEncoding(bytes: Uint8Array): Detected | undefined {
  const isUnicode = isUtf8(bytes)
  const hasControls = isAny(bytes.subarray(0, SAMPLE_BYTES), CONTROL)
  const wide = hasControls ? wideEncoding(bytes, isUnicode ? MIN_SHARE_OF_UNICODE : 0) : undefined
  if (wide !== undefined) return wide
  if (isUnicode) return 'utf-8'
  return isSingleByte(bytes) ? 'windows-1252' : undefined
}

/** Bytes by which the byte order is found. Even, so that no code unit is cut. */
const SAMPLE_BYTES = 64 * 1024

/** Valid UTF-8 with control characters is UTF-16 only if nearly all of its code units are letters of alphabets. */
const MIN_SHARE_OF_UNICODE = 0.9

/** More pairs of ASCII characters are not a text in UTF-16, but a text of single bytes with control characters. */
const MAX_SHARE_OF_PAIRS = 0.6

const CONTROL = 1
const UNDEFINED = 2

/** Control characters that no text has, and bytes that windows-1252 does not define. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20) return (byte >= 7 && byte <= 13) || byte === 0x1a || byte === 0x1b ? 0 : CONTROL
  return [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte) ? UNDEFINED : 0
})

function isAny(bytes: Uint8Array, kinds: number): boolean {
  for (let at = 0; at < bytes.length; at++) if ((KINDS[bytes[at]!]! & kinds) !== 0) return true
  return false
}

/** The byte order in which bytes are a text. If both are: the one with more letters of alphabets, spaces, line ends. */
function wideEncoding(bytes: Uint8Array, least: number): Wide | undefined {
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  if (bytes.length % 2 === 1 || shareOfPairs(sample) > MAX_SHARE_OF_PAIRS) return undefined
  const [little, big] = [alphabetShare(sample, 'utf-16le'), alphabetShare(sample, 'utf-16be')]
  if (Math.max(little, big) <= least) return undefined
  return little >= big ? 'utf-16le' : 'utf-16be'
}

function shareOfPairs(bytes: Uint8Array): number {
  let pairs = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) if (isAscii(bytes[at]!) && isAscii(bytes[at + 1]!)) pairs++
  return (2 * pairs) / bytes.length
}

/** The share of code units below U+2000, where most alphabets lie; 0 if the code units are no convincing text. */
function alphabetShare(bytes: Uint8Array, encoding: Wide): number {
  try {
    // a surrogate pair may be cut at the end of the sample
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true })
    if (/(?![\t-\r])[\p{Control}\p{Unassigned}\p{Private_Use}]/u.test(text) || !isConvincing(text)) return 0
    return (text.match(/[\t-\u1fff]/g)?.length ?? 0) / text.length
  } catch {
    return 0
  }
}

/** Code units that a guess needs: numbers of a binary file may look like a few letters. */
const MIN_ASCII_UNITS = 4
const MIN_UNITS = 8
const MIN_SHARE_OF_SCRIPT = 0.8

/** Whether a text is ASCII for the most part, or in one other script with some ASCII, such as spaces or line ends. */
function isConvincing(text: string): boolean {
  const scripts = new Map<string, number>()
  for (let at = 0; at < text.length; at++) {
    const script = scriptOf(text.charCodeAt(at))
    scripts.set(script, (scripts.get(script) ?? 0) + 1)
  }
  const of = (script: string) => scripts.get(script) ?? 0
  const ascii = of('ascii')
  if (ascii === text.length) return ascii >= MIN_ASCII_UNITS
  if (ascii === 0 || text.length < MIN_UNITS) return false
  const most = Math.max(0, ...[...scripts].map(([script, units]) => (IN_ANY_TEXT.has(script) ? 0 : units)))
  // Latin letters stand between letters of ASCII
  return 2 * ascii >= text.length || ascii + of('neutral') + most >= MIN_SHARE_OF_SCRIPT * text.length
}

const IN_ANY_TEXT: ReadonlySet<string> = new Set(['ascii', 'latin', 'neutral'])

/** A name for the script of a code unit, by the block it lies in. */
function scriptOf(unit: number): string {
  if (unit < 0x80) return 'ascii'
  if (unit < 0x250) return 'latin'
  if ((unit >= 0x2000 && unit < 0x2070) || (unit >= 0xd800 && unit < 0xe000)) return 'neutral'
  if ((unit >= 0x3000 && unit < 0x3100) || (unit >= 0x4e00 && unit < 0xa000) || unit >= 0xff00) return 'east-asian'
  return unit >= 0xac00 && unit < 0xd800 ? 'hangul' : String(unit >> 8)
}

const isAscii = (byte: number) => byte >= 0x20 && byte < 0x7f

/** Whether bytes are windows-1252: all of them are defined, few are sequences of UTF-8, and most are ASCII. */
function isSingleByte(bytes: Uint8Array): boolean {
  if (isAny(bytes, CONTROL | UNDEFINED)) return false
  const { valid, invalid } = countSequences(bytes)
  return valid < invalid && isWestern(bytes)
}

/** At least this share of bytes above ASCII is in Western words, and at most this share of all is above ASCII. */
const MIN_SHARE_OF_WORDS = 2 / 3
const MAX_SHARE_OF_HIGH = 0.4

/** Whether bytes above ASCII are few, and most are a letter beside a letter of ASCII, or stand alone as in `5 €`. */
function isWestern(bytes: Uint8Array): boolean {
  let [high, fitting] = [0, 0]
  for (let at = 0; at < bytes.length; at++) {
    if (isPlain(bytes[at]!)) continue
    high++
    const [before, after] = [bytes[at - 1] ?? SPACE, bytes[at + 1] ?? SPACE]
    const isInWord = bytes[at]! >= 0xc0 && (isLetter(before) || isLetter(after))
    if (isInWord || (isPlain(before) && isPlain(after))) fitting++
  }
  return high <= MAX_SHARE_OF_HIGH * bytes.length && fitting >= MIN_SHARE_OF_WORDS * high
}

const SPACE = 0x20
const NO_BREAK_SPACE = 0xa0
const isPlain = (byte: number) => byte < 0x80 || byte === NO_BREAK_SPACE
const isLetter = (byte: number) => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)

/** How many sequences of several bytes are valid UTF-8, how many bytes are not, and where the first is. Pure. */
export function countSequences(bytes: Uint8Array): {
  readonly valid: number
  readonly invalid: number
  readonly first: number
} {
  let [valid, invalid, first] = [0, 0, -1]
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]!)
    const isValid =
      length === 1 ? bytes[at]! < 0x80 : at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))
    if (isValid && length > 1) valid++
    if (!isValid && invalid++ === 0) first = at
    at += isValid ? length : 1
  }
  return { valid, invalid, first }
}

/** Bytes of a sequence by its first byte; 1 for ASCII and for a byte that begins none. */
function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4
  if (first >= 0xe0) return 3
  return first >= 0xc2 ? 2 : 1
}
