import { ownValue } from '../../lib/own.ts'
import { suggest } from '../operations/operation.ts'
import type { Expression, IfBranch, TemplateNode, TemplatePosition } from '../syntax.ts'
import { parseExpression, parseOr } from './expressions.ts'
import type { TemplateSegment } from './lexer.ts'
import {
  acceptToken,
  checkTreeHeight,
  createTokenReader,
  expectEnd,
  expectName,
  expectToken,
  isNext,
  peek,
  type TokenReader,
  takeToken,
} from './reader.ts'
import { type OnTemplateFault, reportOr, syntaxError } from './source.ts'

type TagSegment = TemplateSegment & { readonly type: 'block' | 'output' }
type Cursor = {
  readonly segments: readonly TemplateSegment[]
  readonly onFault: OnTemplateFault | undefined
  index: number
  depth: number
}

const CLOSERS = ['elif', 'else', 'endif', 'endfor', 'endset', 'endraw']
const TAGS = ['if', 'for', 'set', 'raw', ...CLOSERS]
const MAX_DEPTH = 40

/** Parses segments into nodes. InvalidError at the first wrong tag, unless `onFault` gets faults of expressions. */
export function parseNodes(segments: readonly TemplateSegment[], onFault?: OnTemplateFault): readonly TemplateNode[] {
  const cursor: Cursor = { segments, onFault, index: 0, depth: 0 }
  const nodes = parseBody(cursor)
  const rest = segments[cursor.index]
  if (!rest) return nodes
  const word = wordOf(rest as TagSegment)
  throw syntaxError(`'${word}' closes or continues nothing`, rest.at, ownValue(BLOCK_OF_WORD, word))
}
const BLOCK_OF_WORD: { readonly [word: string]: string } = {
  elif: "it belongs into an '{% if %}'",
  else: "it belongs into an '{% if %}' or '{% for %}'",
}

/** Parses nodes up to a tag that closes or continues their parent. */
function parseBody(cursor: Cursor): readonly TemplateNode[] {
  const nodes: TemplateNode[] = []
  for (let segment = cursor.segments[cursor.index]; segment; segment = cursor.segments[cursor.index]) {
    if (segment.type === 'block' && CLOSERS.includes(wordOf(segment))) break
    cursor.index++
    nodes.push(segment.type === 'block' ? parseBlock(cursor, segment) : parsePlain(cursor, segment))
  }
  return nodes
}

const wordOf = ({ tokens }: TagSegment): string => tokens[0]!.text

function parsePlain(cursor: Cursor, segment: TemplateSegment): TemplateNode {
  if (segment.type === 'text') return segment
  const expression = attempt(cursor, createTokenReader(segment.tokens, cursor), parseWhole)
  return { type: 'output', expression, at: segment.at }
}

/** An expression, or nothing if it is wrong and `onFault` receives the fault. */
function attempt({ onFault }: Cursor, reader: TokenReader, parse: (reader: TokenReader) => Expression): Expression {
  const { at } = peek(reader)
  return reportOr(
    onFault,
    () => parse(reader),
    () => ({ type: 'literal', value: null, at }),
  )
}

function parseBlock(cursor: Cursor, segment: TagSegment): TemplateNode {
  const reader = createTokenReader(segment.tokens, cursor)
  const { text: word, at } = takeToken(reader)
  if (cursor.depth >= MAX_DEPTH) throw syntaxError(`tags nest deeper than ${MAX_DEPTH} levels`, at)
  if (word === 'if') return parseIf(cursor, reader, segment.at)
  if (word === 'for') return parseFor(cursor, reader, segment.at)
  if (word === 'set') return parseSet(cursor, reader, segment.at)
  throw syntaxError(
    `there is no tag \`${word}\``,
    at,
    ownValue(FOREIGN_TAGS, word) ?? suggest(word, TAGS).hint ?? 'the tags are if, for, set and raw',
  )
}

const NO_FILES_HINT = "A pipeline's texts stand alone: read another file with `include_file()`."
/** Tags that other engines have, and what to write instead. */
const FOREIGN_TAGS: { readonly [tag: string]: string | undefined } = {
  macro: 'write it where it is needed, or go over a list with for',
  call: 'write it where it is needed, or go over a list with for',
  filter: 'collect the text with {% set text %}…{% endset %}, then write {{ text | upper }}',
  with: 'name values with {% set name = value %}',
  elseif: 'Did you mean `elif`?',
  elsif: 'Did you mean `elif`?',
  do: 'values do not change: name a new one with {% set name = value %}',
  break: 'leave items out: {% for item in items if … %}',
  continue: 'leave items out: {% for item in items if … %}',
  include: NO_FILES_HINT,
  import: NO_FILES_HINT,
  from: NO_FILES_HINT,
  extends: NO_FILES_HINT,
  block: NO_FILES_HINT,
  autoescape: 'nothing is escaped unless asked: {{ text | escape }}',
  trans: 'texts are not translated',
  debug: 'print a value with {{ value | tojson }}',
}

/** Parses the body of a tag and the tag that ends it, which must be one of `closers`. */
function parseInside(
  cursor: Cursor,
  opener: string,
  opened: TemplatePosition,
  closers: readonly string[],
): readonly [readonly TemplateNode[], TokenReader] {
  cursor.depth++
  const body = parseBody(cursor)
  cursor.depth--
  const closer = cursor.segments[cursor.index] as TagSegment | undefined
  const end = `end${opener}`
  if (!closer)
    throw syntaxError(
      `this '{% ${opener} %}' is never closed`,
      opened,
      `add '{% ${end} %}'; in YAML, indent all lines of the text alike`,
    )
  if (!closers.includes(wordOf(closer))) {
    throw syntaxError(
      `'{% ${end} %}' is expected here, not '${wordOf(closer)}'`,
      closer.at,
      `the '{% ${opener} %}' is on line ${opened.line}`,
    )
  }
  cursor.index++
  return [body, createTokenReader(closer.tokens, cursor)]
}

function parseIf(cursor: Cursor, first: TokenReader, at: TemplatePosition): TemplateNode {
  const branches: IfBranch[] = []
  for (let reader = first; ; ) {
    const test = attempt(cursor, reader, parseWhole)
    const [body, closer] = parseInside(cursor, 'if', at, ['elif', 'else', 'endif'])
    branches.push({ test, body })
    const word = close(closer, 'elif')
    if (word === 'endif') return { type: 'if', branches, otherwise: [], at }
    if (word === 'else') return { type: 'if', branches, otherwise: parseElse(cursor, 'if', at), at }
    reader = closer
  }
}

/** Consumes the closing word. Only `continuing` may have a condition after it. */
function close(reader: TokenReader, continuing?: string): string {
  const { text } = takeToken(reader)
  if (text === 'else' && isNext(reader, 'if')) throw syntaxError("'else if' is written 'elif'", peek(reader).at)
  if (text !== continuing) expectEnd(reader)
  return text
}

function parseElse(cursor: Cursor, opener: string, at: TemplatePosition): readonly TemplateNode[] {
  const [body, closer] = parseInside(cursor, opener, at, [`end${opener}`])
  close(closer)
  return body
}

function parseWhole(reader: TokenReader): Expression {
  const expression = parseExpression(reader)
  expectEnd(reader)
  return expression
}

function parseFor(cursor: Cursor, reader: TokenReader, at: TemplatePosition): TemplateNode {
  const targets = parseTargets(reader)
  expectToken(reader, 'in')
  let filter: Expression | undefined
  const iterable = attempt(cursor, reader, () => {
    const items = parseOr(reader)
    filter = acceptToken(reader, 'if') && parseExpression(reader)
    if (isNext(reader, 'recursive'))
      throw syntaxError('loops are not recursive', peek(reader).at, 'write one loop inside another')
    expectEnd(reader)
    return items
  })
  const [body, closer] = parseInside(cursor, 'for', at, ['else', 'endfor'])
  const otherwise = close(closer) === 'else' ? parseElse(cursor, 'for', at) : []
  return { type: 'for', targets, iterable, ...(filter && { filter }), body, otherwise, at }
}

function parseTargets(reader: TokenReader): readonly string[] {
  const bracket = acceptToken(reader, '(')
  const targets = [expectName(reader, 'a name').text]
  while (acceptToken(reader, ',')) targets.push(expectName(reader, 'a name').text)
  if (bracket) expectToken(reader, ')')
  return targets
}

function parseSet(cursor: Cursor, reader: TokenReader, at: TemplatePosition): TemplateNode {
  const targets = parseTargets(reader)
  const field = acceptToken(reader, '.') && expectName(reader, "a name behind '.'").text
  if (acceptToken(reader, '=')) {
    const value = attempt(cursor, reader, parseSetValue)
    return field === undefined
      ? { type: 'set', targets, value, at }
      : { type: 'set-field', object: targets[0]!, field, value, at }
  }
  if (field !== undefined || targets.length > 1) expectToken(reader, '=')
  if (isNext(reader, '|'))
    throw syntaxError(
      'what a set collects is not filtered here',
      peek(reader).at,
      `filter it behind: {% set ${targets[0]} = ${targets[0]} | … %}`,
    )
  expectEnd(reader)
  const [body, closer] = parseInside(cursor, 'set', at, ['endset'])
  close(closer)
  return { type: 'set-block', target: targets[0]!, body, at }
}

/** `{% set a, b = 1, 2 %}` needs no brackets. */
function parseSetValue(reader: TokenReader): Expression {
  const first = parseExpression(reader)
  const items = [first]
  while (acceptToken(reader, ',')) items.push(parseExpression(reader))
  expectEnd(reader)
  return items.length === 1 ? first : checkTreeHeight({ type: 'list', items, at: first.at }, items)
}
