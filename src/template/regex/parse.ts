import { fail, type Machine } from '../machine/machine.ts'
import {
  anyCase,
  CLASSES,
  CONTROLS,
  EDGES,
  endOfLine,
  endOrLastNewline,
  type Fits,
  inRange,
  not,
  startOfLine,
  withProperty,
} from './character-sets.ts'

/** A parsed pattern. */
export type Tree =
  | { readonly type: 'take'; readonly fits: Fits }
  | { readonly type: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly type: 'all'; readonly parts: readonly Tree[] }
  | { readonly type: 'any'; readonly options: readonly Tree[] }
  | { readonly type: 'group'; readonly inner: Tree; readonly slot: number }
  | {
      readonly type: 'repeat'
      readonly inner: Tree
      readonly least: number
      readonly most: number
      readonly lazy: boolean
    }

/** A pattern being read; `groups` and `names` are what was found so far. */
export type Parser = {
  readonly source: string
  readonly machine: Machine
  readonly names: Map<string, number>
  readonly flags: { readonly ignoreCase: boolean; readonly dotAll: boolean; readonly multiline: boolean }
  groups: number
  depth: number
  /** how many parts were emitted, some of them many times */
  emitted: number
  offset: number
}

/** A parser at the start, behind leading flags such as `(?i)`. */
export function openParser(source: string, machine: Machine): Parser {
  const prefix = /^\(\?([imsu]{1,4})\)/.exec(source)
  const has = (flag: string) => prefix?.[1]?.includes(flag) ?? false
  const flags = { ignoreCase: has('i'), dotAll: has('s'), multiline: has('m') }
  return { source, machine, names: new Map(), flags, groups: 0, depth: 0, emitted: 0, offset: prefix?.[0].length ?? 0 }
}

/** Parses alternatives, up to the end or the parenthesis that closes them. */
export function parseChoice(parser: Parser): Tree {
  if (++parser.depth > 40) wrong(parser, 'groups nest too deeply')
  const options = [parseSequence(parser)]
  while (parser.source[parser.offset] === '|') {
    parser.offset++
    options.push(parseSequence(parser))
  }
  parser.depth--
  return options.length === 1 ? options[0]! : { type: 'any', options }
}

function parseSequence(parser: Parser): Tree {
  const parts: Tree[] = []
  while (parser.offset < parser.source.length && !'|)'.includes(parser.source[parser.offset]!)) {
    parts.push(parseRepeat(parser, parseAtom(parser)))
  }
  return { type: 'all', parts }
}

function parseRepeat(parser: Parser, inner: Tree): Tree {
  const rest = parser.source.slice(parser.offset, parser.offset + 16)
  const match = /^(?:([*+?])|\{(\d{0,4})(,?)(\d{0,4})\})(\??)/.exec(rest)
  if (!match || (match[1] === undefined && match[2] === '' && match[4] === '')) return inner
  parser.offset += match[0].length
  const [least, most] = match[1] ? BOUNDS[match[1]]! : countsOf(match)
  if (most < least) wrong(parser, 'a repetition counts backwards')
  return { type: 'repeat', inner, least, most, lazy: match[5] === '?' }
}

const BOUNDS: { readonly [sign: string]: readonly [number, number] } = {
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
  '?': [0, 1],
}

function countsOf([, , least, comma, most]: RegExpExecArray): readonly [number, number] {
  const low = Number(least)
  return [low, comma === '' ? low : most === '' ? Number.POSITIVE_INFINITY : Number(most)]
}

function parseAtom(parser: Parser): Tree {
  const { source, offset, flags } = parser
  const letter = source[offset]!
  if (letter === '(') return parseGroup(parser)
  if (letter === '[') return { type: 'take', fits: parseSet(parser) }
  if (letter === '\\') return parseEscape(parser)
  if ('*+?'.includes(letter)) wrong(parser, `'${letter}' repeats nothing`)
  const code = source.codePointAt(offset)!
  parser.offset += String.fromCodePoint(code).length
  if (letter === '.') return { type: 'take', fits: (it) => flags.dotAll || it !== 10 }
  if (letter === '^') return { type: 'assert', holds: flags.multiline ? startOfLine : EDGES.A! }
  if (letter === '$') return { type: 'assert', holds: flags.multiline ? endOfLine : endOrLastNewline }
  return one(parser, (it) => it === code)
}

function parseGroup(parser: Parser): Tree {
  const head = /^\((?:\?(?::|P?<([A-Za-z_]\w{0,40})>)|(?!\?))/.exec(
    parser.source.slice(parser.offset, parser.offset + 60),
  )
  if (!head) {
    if (parser.source.startsWith('(?P=', parser.offset))
      wrong(parser, 'back-references are not supported', ONLY_IN_REPLACEMENT)
    return wrong(parser, 'look-around and other (? groups are not supported')
  }
  parser.offset += head[0].length
  const captures = !head[0].endsWith(':')
  const index = captures ? ++parser.groups : 0
  if (head[1]) parser.names.set(head[1], index)
  const inner = parseChoice(parser)
  if (parser.source[parser.offset] !== ')') wrong(parser, "a '(' is never closed")
  parser.offset++
  return captures ? { type: 'group', inner, slot: index * 2 } : inner
}

function one(parser: Parser, fits: Fits): Tree {
  return { type: 'take', fits: parser.flags.ignoreCase ? anyCase(fits) : fits }
}

function parseEscape(parser: Parser): Tree {
  const letter = parser.source[parser.offset + 1]
  if (letter !== undefined && Object.hasOwn(EDGES, letter)) {
    parser.offset += 2
    return { type: 'assert', holds: EDGES[letter]! }
  }
  if (letter !== undefined && /[1-9k]/.test(letter))
    wrong(parser, 'back-references are not supported', ONLY_IN_REPLACEMENT)
  const { fits, code } = parseEscapedSet(parser)
  return one(parser, fits ?? ((it) => it === code))
}

/** `\d` is a set, `\n` or `\.` a single character. */
function parseEscapedSet(parser: Parser): { readonly fits?: Fits; readonly code: number } {
  const property = /^\\([pP])\{([\w=]{1,40})\}/.exec(parser.source.slice(parser.offset, parser.offset + 45))
  if (property) {
    parser.offset += property[0].length
    return { fits: propertyOf(parser, property[2]!, property[1] === 'P'), code: -1 }
  }
  const rest = parser.source.slice(parser.offset + 1, parser.offset + 7)
  if (rest === '') wrong(parser, "'\\' stands at the end")
  const hex = /^(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(rest)
  const code = hex ? Number.parseInt(hex[1] ?? hex[2]!, 16) : rest.codePointAt(0)!
  parser.offset += 1 + (hex?.[0].length ?? String.fromCodePoint(code).length)
  if (hex) return { code }
  const letter = String.fromCodePoint(code)
  if (Object.hasOwn(CLASSES, letter)) return { fits: CLASSES[letter]!, code: -1 }
  return { code: Object.hasOwn(CONTROLS, letter) ? CONTROLS[letter]! : code }
}

function propertyOf(parser: Parser, name: string, isOther: boolean): Fits {
  const fits = withProperty(name) ?? wrong(parser, `there is no property ${name} of characters`)
  return isOther ? not(fits) : fits
}

function parseSet(parser: Parser): Fits {
  const { source } = parser
  const negated = source[++parser.offset] === '^'
  if (negated) parser.offset++
  const members: Fits[] = []
  do members.push(parseMember(parser))
  while (parser.offset < source.length && source[parser.offset] !== ']')
  if (source[parser.offset] !== ']') wrong(parser, "a '[' is never closed")
  parser.offset++
  const plain: Fits = (code) => members.some((member) => member(code))
  const fits = parser.flags.ignoreCase ? anyCase(plain) : plain
  return negated ? not(fits) : fits
}

function parseMember(parser: Parser): Fits {
  const { source } = parser
  const low = parseMemberEnd(parser)
  const ranges = source[parser.offset] === '-' && source[parser.offset + 1] !== ']' && parser.offset + 1 < source.length
  if (low.fits || !ranges) return low.fits ?? ((code) => code === low.code)
  parser.offset++
  const high = parseMemberEnd(parser)
  if (high.fits || high.code < low.code) return wrong(parser, 'a range in [ ] runs backwards')
  return inRange(low.code, high.code)
}

function parseMemberEnd(parser: Parser): { readonly fits?: Fits; readonly code: number } {
  if (parser.source[parser.offset] === '\\') return parseEscapedSet(parser)
  const code = parser.source.codePointAt(parser.offset) ?? wrong(parser, "a '[' is never closed")
  parser.offset += String.fromCodePoint(code).length
  return { code }
}

/** Fails, naming the pattern and where in it. */
export function wrong(parser: Parser, message: string, hint?: string): never {
  return fail(parser.machine, `pattern '${parser.source}': ${message} (at ${parser.offset + 1})`, hint)
}

const ONLY_IN_REPLACEMENT = "only a replacement names groups: '\\1', '\\g<name>'"
