import { failAtNode, type RenderMachine } from '../machine/machine.ts'
import {
  CHARACTER_CLASSES,
  type CharacterTest,
  CONTROL_ESCAPES,
  endOfLine,
  endOrLastNewline,
  ignoringCase,
  inRange,
  notMatching,
  POSITION_TESTS,
  startOfLine,
  withProperty,
} from './character-sets.ts'

export type RegexTree =
  | { readonly type: 'take'; readonly fits: CharacterTest }
  | { readonly type: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly type: 'all'; readonly parts: readonly RegexTree[] }
  | { readonly type: 'any'; readonly options: readonly RegexTree[] }
  | { readonly type: 'group'; readonly inner: RegexTree; readonly slot: number }
  | {
      readonly type: 'repeat'
      readonly inner: RegexTree
      readonly least: number
      readonly most: number
      readonly lazy: boolean
    }

/** The state of the parser. `groups` and `names`: groups found so far. */
export type RegexParser = {
  readonly source: string
  readonly machine: RenderMachine
  readonly names: Map<string, number>
  readonly flags: { readonly ignoreCase: boolean; readonly dotAll: boolean; readonly multiline: boolean }
  groups: number
  depth: number
  /** the number of emitted parts, with repetitions */
  emitted: number
  offset: number
}

/** A parser at the start of a pattern, after leading flags such as `(?i)`. */
export function openRegexParser(source: string, machine: RenderMachine): RegexParser {
  const prefix = /^\(\?([imsu]{1,4})\)/.exec(source)
  const has = (flag: string) => prefix?.[1]?.includes(flag) ?? false
  const flags = { ignoreCase: has('i'), dotAll: has('s'), multiline: has('m') }
  return { source, machine, names: new Map(), flags, groups: 0, depth: 0, emitted: 0, offset: prefix?.[0].length ?? 0 }
}

/** Parses alternatives, up to the end or the parenthesis that closes them. */
export function parseAlternatives(parser: RegexParser): RegexTree {
  if (++parser.depth > 40) regexError(parser, 'groups nest too deeply')
  const options = [parseSequence(parser)]
  while (parser.source[parser.offset] === '|') {
    parser.offset++
    options.push(parseSequence(parser))
  }
  parser.depth--
  return options.length === 1 ? options[0]! : { type: 'any', options }
}

function parseSequence(parser: RegexParser): RegexTree {
  const parts: RegexTree[] = []
  while (parser.offset < parser.source.length && !'|)'.includes(parser.source[parser.offset]!)) {
    parts.push(parseRepeat(parser, parseAtom(parser)))
  }
  return { type: 'all', parts }
}

function parseRepeat(parser: RegexParser, inner: RegexTree): RegexTree {
  const rest = parser.source.slice(parser.offset, parser.offset + 16)
  const match = /^(?:([*+?])|\{(\d{0,4})(,?)(\d{0,4})\})(\??)/.exec(rest)
  if (!match || (match[1] === undefined && match[2] === '' && match[4] === '')) return inner
  parser.offset += match[0].length
  const [least, most] = match[1] ? REPEAT_BOUNDS[match[1]]! : countsOf(match)
  if (most < least) regexError(parser, 'a repetition counts backwards')
  return { type: 'repeat', inner, least, most, lazy: match[5] === '?' }
}

const REPEAT_BOUNDS: { readonly [sign: string]: readonly [number, number] } = {
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
  '?': [0, 1],
}

function countsOf([, , least, comma, most]: RegExpExecArray): readonly [number, number] {
  const low = Number(least)
  return [low, comma === '' ? low : most === '' ? Number.POSITIVE_INFINITY : Number(most)]
}

function parseAtom(parser: RegexParser): RegexTree {
  const { source, offset, flags } = parser
  const letter = source[offset]!
  if (letter === '(') return parseGroup(parser)
  if (letter === '[') return { type: 'take', fits: parseSet(parser) }
  if (letter === '\\') return parseEscape(parser)
  if ('*+?'.includes(letter)) regexError(parser, `'${letter}' repeats nothing`)
  const code = source.codePointAt(offset)!
  parser.offset += String.fromCodePoint(code).length
  if (letter === '.') return { type: 'take', fits: (it) => flags.dotAll || it !== 10 }
  if (letter === '^') return { type: 'assert', holds: flags.multiline ? startOfLine : POSITION_TESTS.A! }
  if (letter === '$') return { type: 'assert', holds: flags.multiline ? endOfLine : endOrLastNewline }
  return one(parser, (it) => it === code)
}

function parseGroup(parser: RegexParser): RegexTree {
  const head = /^\((?:\?(?::|P?<([A-Za-z_]\w{0,40})>)|(?!\?))/.exec(
    parser.source.slice(parser.offset, parser.offset + 60),
  )
  if (!head) {
    if (parser.source.startsWith('(?P=', parser.offset))
      regexError(parser, 'back-references are not supported', ONLY_IN_REPLACEMENT)
    return regexError(parser, 'look-around and other (? groups are not supported')
  }
  parser.offset += head[0].length
  const captures = !head[0].endsWith(':')
  const index = captures ? ++parser.groups : 0
  if (head[1]) parser.names.set(head[1], index)
  const inner = parseAlternatives(parser)
  if (parser.source[parser.offset] !== ')') regexError(parser, "a '(' is never closed")
  parser.offset++
  return captures ? { type: 'group', inner, slot: index * 2 } : inner
}

function one(parser: RegexParser, fits: CharacterTest): RegexTree {
  return { type: 'take', fits: parser.flags.ignoreCase ? ignoringCase(fits) : fits }
}

function parseEscape(parser: RegexParser): RegexTree {
  const letter = parser.source[parser.offset + 1]
  if (letter !== undefined && Object.hasOwn(POSITION_TESTS, letter)) {
    parser.offset += 2
    return { type: 'assert', holds: POSITION_TESTS[letter]! }
  }
  if (letter !== undefined && /[1-9k]/.test(letter))
    regexError(parser, 'back-references are not supported', ONLY_IN_REPLACEMENT)
  const { fits, code } = parseEscapedSet(parser)
  return one(parser, fits ?? ((it) => it === code))
}

/** `\d` is a set, `\n` or `\.` a single character. */
function parseEscapedSet(parser: RegexParser): { readonly fits?: CharacterTest; readonly code: number } {
  const property = /^\\([pP])\{([\w=]{1,40})\}/.exec(parser.source.slice(parser.offset, parser.offset + 45))
  if (property) {
    parser.offset += property[0].length
    return { fits: propertyOf(parser, property[2]!, property[1] === 'P'), code: -1 }
  }
  const rest = parser.source.slice(parser.offset + 1, parser.offset + 7)
  if (rest === '') regexError(parser, "'\\' stands at the end")
  const hex = /^(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(rest)
  const code = hex ? Number.parseInt(hex[1] ?? hex[2]!, 16) : rest.codePointAt(0)!
  parser.offset += 1 + (hex?.[0].length ?? String.fromCodePoint(code).length)
  if (hex) return { code }
  const letter = String.fromCodePoint(code)
  if (Object.hasOwn(CHARACTER_CLASSES, letter)) return { fits: CHARACTER_CLASSES[letter]!, code: -1 }
  return { code: Object.hasOwn(CONTROL_ESCAPES, letter) ? CONTROL_ESCAPES[letter]! : code }
}

function propertyOf(parser: RegexParser, name: string, isOther: boolean): CharacterTest {
  const fits = withProperty(name) ?? regexError(parser, `there is no property ${name} of characters`)
  return isOther ? notMatching(fits) : fits
}

function parseSet(parser: RegexParser): CharacterTest {
  const { source } = parser
  const negated = source[++parser.offset] === '^'
  if (negated) parser.offset++
  const members: CharacterTest[] = []
  do members.push(parseMember(parser))
  while (parser.offset < source.length && source[parser.offset] !== ']')
  if (source[parser.offset] !== ']') regexError(parser, "a '[' is never closed")
  parser.offset++
  const plain: CharacterTest = (code) => members.some((member) => member(code))
  const fits = parser.flags.ignoreCase ? ignoringCase(plain) : plain
  return negated ? notMatching(fits) : fits
}

function parseMember(parser: RegexParser): CharacterTest {
  const { source } = parser
  const low = parseMemberEnd(parser)
  const ranges = source[parser.offset] === '-' && source[parser.offset + 1] !== ']' && parser.offset + 1 < source.length
  if (low.fits || !ranges) return low.fits ?? ((code) => code === low.code)
  parser.offset++
  const high = parseMemberEnd(parser)
  if (high.fits || high.code < low.code) return regexError(parser, 'a range in [ ] runs backwards')
  return inRange(low.code, high.code)
}

function parseMemberEnd(parser: RegexParser): { readonly fits?: CharacterTest; readonly code: number } {
  if (parser.source[parser.offset] === '\\') return parseEscapedSet(parser)
  const code = parser.source.codePointAt(parser.offset) ?? regexError(parser, "a '[' is never closed")
  parser.offset += String.fromCodePoint(code).length
  return { code }
}

/** Fails with the pattern and the position in it. */
export function regexError(parser: RegexParser, message: string, hint?: string): never {
  return failAtNode(parser.machine, `pattern '${parser.source}': ${message} (at ${parser.offset + 1})`, hint)
}

const ONLY_IN_REPLACEMENT = "only a replacement names groups: '\\1', '\\g<name>'"
