import type { Expression, Node, Position } from '../syntax.ts'
import { syntaxError } from './source.ts'
import type { Token } from './tokens.ts'

const DEEPEST = 60
const HIGHEST = 200

/** Tokens taken one by one. */
export type Reader = {
  readonly tokens: readonly Token[]
  /** whether texts may hold `{{ }}`, as in conditions */
  readonly mixed: boolean
  /** parses the text inside such a string */
  readonly parseText: (text: string, origin: Position) => readonly Node[]
  offset: number
  depth: number
}

/** A reader at the first token. */
export function createReader(tokens: readonly Token[], parseText?: Reader['parseText']): Reader {
  return { tokens, mixed: parseText !== undefined, parseText: parseText ?? (() => []), offset: 0, depth: 0 }
}

/** The token that comes next, or the one `ahead` of it; the end stays the end. */
export function peek(reader: Reader, ahead = 0): Token {
  return reader.tokens[Math.min(reader.offset + ahead, reader.tokens.length - 1)]!
}

/** Takes the next token. */
export function take(reader: Reader): Token {
  const token = peek(reader)
  reader.offset++
  return token
}

/** Whether the next token is one of these operators or words. */
export function sees(reader: Reader, ...texts: readonly string[]): boolean {
  const token = peek(reader)
  return (token.type === 'operator' || token.type === 'name') && texts.includes(token.text)
}

/** Takes the next token if it is this operator or word. */
export function accept(reader: Reader, text: string): Token | undefined {
  return sees(reader, text) ? take(reader) : undefined
}

/** Takes this operator or word, or fails at what stands there instead. */
export function expect(reader: Reader, text: string): Token {
  return accept(reader, text) ?? refuse(reader, `'${text}'`)
}

/** Takes an identifier. */
export function expectName(reader: Reader, what: string): Token {
  const token = peek(reader)
  return token.type === 'name' ? take(reader) : refuse(reader, what)
}

/** Fails unless everything was taken. */
export function expectEnd(reader: Reader): void {
  if (peek(reader).type !== 'end') refuse(reader, 'the end')
}

/** The error that `expected` should stand where the next token is. */
export function refuse(reader: Reader, expected: string): never {
  const token = peek(reader)
  throw syntaxError(
    `${expected} is expected here, not ${token.text === '' ? 'the end' : `'${clip(token.text)}'`}`,
    token.at,
    HINTS.get(token.text),
  )
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['=', 'write == to compare'],
  ['equals', 'write == to compare'],
  ['AND', 'write and'],
  ['OR', 'write or'],
  ['contains', "turn it round: 'part' in text"],
  ['matches', "write text | regex_search('pattern')"],
  ['like', "write 'part' in text, or text | regex_search('pattern')"],
  ['if', 'write {% if … %}…{% endif %}, or within {{ }} one if … else another'],
  [':', 'leave it out; what a filter takes stands in parentheses: truncate(50)'],
  ['?', "write value | default('another')"],
  ['for', 'there are no comprehensions: write xs | select(…) and xs | map(…), or a {% for %}'],
])

/** Parses something nested; InvalidError when nested too deeply. */
export function nest<T>(reader: Reader, parse: (reader: Reader) => T): T {
  if (++reader.depth > DEEPEST) throw syntaxError(`nested deeper than ${DEEPEST} levels`, peek(reader).at)
  const result = parse(reader)
  reader.depth--
  return result
}

// of those that hold others: most hold none
const heights = new WeakMap<object, number>()

/** The node itself; InvalidError when it and what it holds are so high that walking them could exhaust the stack. */
export function grow<T extends Expression>(node: T, children: readonly (Expression | undefined)[] = []): T {
  if (children.length === 0) return node
  let height = 0
  for (const child of children) if (child) height = Math.max(height, heights.get(child) ?? 1)
  if (height >= HIGHEST) throw syntaxError(`more than ${HIGHEST} operations build on each other`, node.at)
  heights.set(node, height + 1)
  return node
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
