import type { TemplatePosition } from '../syntax.ts'
import { syntaxError, type TemplateSource } from './source.ts'

/** A word, number, text or sign. `text` is as written, except for the `$` of a name. */
export type TemplateToken =
  | { readonly type: 'name' | 'operator' | 'end'; readonly text: string; readonly at: TemplatePosition }
  | { readonly type: 'number'; readonly text: string; readonly value: number; readonly at: TemplatePosition }
  | { readonly type: 'string'; readonly text: string; readonly value: string; readonly at: TemplatePosition }

/** Where to stop: at `closing` (of the tag at `opened`), or at the end of the text, where `{{ }}` may be nested. */
type TokenExtent =
  | { readonly closing: '}}' | '%}'; readonly opened: number }
  | { readonly closing?: undefined; readonly mixed: boolean }

/** The tokens of one tag or expression. `end` is the offset after it, `trim` the sign before its closing mark. */
export type TokenList = { readonly tokens: readonly TemplateToken[]; readonly end: number; readonly trim: string }

const SPACE = /\s*/y
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy
const OTHER_BASE = /0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+/y
const NUMBER = /\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const DIGITS = /\d+/y
const OPERATOR = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~|.,:()[\]{}<>=?]/y
const FOREIGN = /===|!==|<>|&&|\|\||!(?!=)|&/y
const FOREIGN_HINTS: { readonly [operator: string]: string } = {
  '===': 'Write `==`.',
  '!==': 'Write `!=`.',
  '<>': 'Write `!=`.',
  '&&': 'Write `and`.',
  '||': 'Write `or`.',
  '!': 'Write `not`.',
  '&': 'Write `and`.',
}
const STRAIGHT = 'Quotes are straight: \' or ".'
const SIGN_HINTS: { readonly [sign: string]: string } = {
  '#': 'Write `{% if … %}…{% endif %}` or `{% for … %}…{% endfor %}`.',
  $: 'Leave the `$` out: `{{ name }}`.',
  ...Object.fromEntries([...'“”„‘’'].map((quote) => [quote, STRAIGHT])),
}
const PAIRS: { readonly [opening: string]: string } = { '(': ')', '[': ']', '{': '}', '{{': '}}' }

type Lexer = {
  readonly source: TemplateSource
  readonly extent: TokenExtent
  readonly tokens: TemplateToken[]
  readonly brackets: { readonly text: string; readonly offset: number }[]
  offset: number
}

/** Reads tokens from `offset` on; InvalidError at the first character that fits nowhere. */
export function readTokens(source: TemplateSource, offset: number, extent: TokenExtent): TokenList {
  const lexer: Lexer = { source, extent, tokens: [], brackets: [], offset }
  for (;;) {
    lexer.offset += match(SPACE, lexer)!.length
    const trim = closingAt(lexer)
    if (trim !== undefined) return finish(lexer, trim)
    lexer.tokens.push(readToken(lexer))
  }
}

/** The sign ('', '-' or '+') before a closing delimiter at this position; '' at the end of an unclosed text. */
function closingAt(lexer: Lexer): string | undefined {
  const { source, extent, brackets, offset } = lexer
  if (offset >= source.text.length) return endOfText(lexer)
  if (extent.closing === undefined || (brackets.length > 0 && extent.closing === '}}')) return undefined
  const sign = /[-+]/.test(source.text[offset]!) ? source.text[offset]! : ''
  if (!source.text.startsWith(extent.closing, offset + sign.length)) return undefined
  if (brackets.length > 0) throw unclosed(lexer)
  return sign
}

function endOfText(lexer: Lexer): string {
  if (lexer.brackets.length > 0) throw unclosed(lexer)
  if (lexer.extent.closing === undefined) return ''
  const opening = lexer.extent.closing === '}}' ? '{{' : '{%'
  throw syntaxError(
    `this '${opening}' is never closed`,
    lexer.source.locate(lexer.extent.opened),
    `add '${lexer.extent.closing}'`,
  )
}

function unclosed(lexer: Lexer): Error {
  const { text, offset } = lexer.brackets.at(-1)!
  return syntaxError(`this '${text}' is never closed`, lexer.source.locate(offset), `add '${PAIRS[text]}'`)
}

function finish({ source, extent, tokens, offset }: Lexer, trim: string): TokenList {
  tokens.push({ type: 'end', text: '', at: source.locate(Math.min(offset, source.text.length)) })
  return { tokens, end: offset + trim.length + (extent.closing?.length ?? 0), trim }
}

function readToken(lexer: Lexer): TemplateToken {
  const { source, offset } = lexer
  const first = source.text[offset]!
  if (first === "'" || first === '"') return readString(lexer, first)
  if (first >= '0' && first <= '9') return readNumber(lexer)
  return readName(lexer) ?? readBinding(lexer) ?? readOperator(lexer)
}

function readString(lexer: Lexer, quote: string): TemplateToken {
  const { source, offset } = lexer
  let end = offset + 1
  while (end < source.text.length && source.text[end] !== quote) end = nextInString(lexer, end)
  if (end >= source.text.length)
    throw syntaxError('this text has no closing quote', source.locate(offset), `add ${quote}`)
  lexer.offset = end + 1
  const text = source.text.slice(offset, end + 1)
  return { type: 'string', text, value: readEscapes(text.slice(1, -1)), at: source.locate(offset) }
}

/** In a condition a text may contain `{{ }}`, and quotes inside do not end it. */
function nextInString({ source, extent }: Lexer, offset: number): number {
  const { text } = source
  if (text[offset] === '\\') return offset + 2
  if (extent.closing !== undefined || !extent.mixed || !text.startsWith('{{', offset)) return offset + 1
  const close = text.indexOf('}}', offset)
  if (close < 0) throw syntaxError("this '{{' is never closed", source.locate(offset), "add '}}'")
  return close + 2
}

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '\n': '' }

/** An unknown escape keeps its backslash, so that '\d+' works as a pattern. */
function readEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (whole, unicode, byte, letter) => {
    if (letter === undefined) return String.fromCharCode(Number.parseInt(unicode ?? byte, 16))
    return ESCAPES[letter] ?? ('\\\'"'.includes(letter) ? letter : whole)
  })
}

function readNumber(lexer: Lexer): TemplateToken {
  const at = lexer.source.locate(lexer.offset)
  const text =
    lexer.tokens.at(-1)?.text === '.' ? match(DIGITS, lexer)! : (match(OTHER_BASE, lexer) ?? match(NUMBER, lexer)!)
  lexer.offset += text.length
  return { type: 'number', text, value: Number(text.replaceAll('_', '')), at }
}

function readName(lexer: Lexer): TemplateToken | undefined {
  const { source, offset } = lexer
  const dollar = source.text[offset] === '$' ? 1 : 0
  lexer.offset = offset + dollar
  const word = match(WORD, lexer)
  lexer.offset = offset
  if (word === undefined) return undefined
  const name = hyphenated(source, offset + dollar) ?? word
  lexer.offset = offset + dollar + name.length
  return { type: 'name', text: name, at: source.locate(offset) }
}

/** The longest known name with hyphens at this position: `web-search` is a step, not a subtraction. */
function hyphenated({ text, names }: TemplateSource, offset: number): string | undefined {
  HYPHENATED.lastIndex = offset
  let name = names.size > 0 ? HYPHENATED.exec(text)?.[0] : undefined
  while (name !== undefined && !names.has(name))
    name = name.includes('-') ? name.slice(0, name.lastIndexOf('-')) : undefined
  return name
}
const HYPHENATED = /[\p{L}_][\p{L}\p{N}_]{0,99}(?:-[\p{L}\p{N}_]{1,99}){1,20}/uy

/** `{{` and `}}` inside a condition. */
function readBinding(lexer: Lexer): TemplateToken | undefined {
  const { source, extent, brackets, offset } = lexer
  if (extent.closing !== undefined || !extent.mixed) return undefined
  const opening = source.text.startsWith('{{', offset)
  const closing = /^[-+]?\}\}/.exec(source.text.slice(offset, offset + 3))
  if (!opening && !(closing && brackets.at(-1)?.text === '{{')) return undefined
  if (opening) brackets.push({ text: '{{', offset })
  else brackets.pop()
  const sign = opening && source.text[offset + 2] === '-' ? 1 : 0
  lexer.offset += opening ? 2 + sign : closing![0].length
  return { type: 'operator', text: opening ? '{{' : '}}', at: source.locate(offset) }
}

function readOperator(lexer: Lexer): TemplateToken {
  const { source, offset } = lexer
  const at = source.locate(offset)
  const foreign = match(FOREIGN, lexer)
  if (foreign !== undefined) throw syntaxError(`'${foreign}' is not an operator here`, at, FOREIGN_HINTS[foreign])
  const text = match(OPERATOR, lexer)
  if (text === undefined) {
    const sign = String.fromCodePoint(source.text.codePointAt(offset)!)
    throw syntaxError(`'${sign}' is not expected here`, at, SIGN_HINTS[sign])
  }
  balance(lexer, text)
  lexer.offset += text.length
  return { type: 'operator', text, at }
}

function balance({ source, brackets, offset }: Lexer, text: string): void {
  if (text === '(' || text === '[' || text === '{') brackets.push({ text, offset })
  if (text !== ')' && text !== ']' && text !== '}') return
  const opening = brackets.pop()
  if (opening && PAIRS[opening.text] === text) return
  throw syntaxError(
    opening ? `'${text}' does not close '${opening.text}'` : `'${text}' closes nothing`,
    source.locate(offset),
    opening === undefined && text === '}' ? "'{{' is closed by '}}', '{%' by '%}'" : undefined,
  )
}

function match(pattern: RegExp, lexer: Lexer): string | undefined {
  pattern.lastIndex = lexer.offset
  return pattern.exec(lexer.source.text)?.[0]
}
