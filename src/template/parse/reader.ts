import type { InvalidError } from '../../errors.ts'
import type { Expression, TemplateNode, TemplatePosition } from '../syntax.ts'
import { type OnTemplateFault, syntaxError } from './source.ts'
import type { TemplateToken } from './tokens.ts'

const MAX_NESTING = 60
const MAX_TREE_HEIGHT = 200

export type TokenReader = {
  readonly tokens: readonly TemplateToken[]
  /** whether texts may contain `{{ }}`, as in conditions */
  readonly mixed: boolean
  /** parses the text inside such a string */
  readonly parseText: (text: string, origin: TemplatePosition) => readonly TemplateNode[]
  /** receives a fault after which the tag can still be read; absent: it is thrown */
  readonly onFault?: OnTemplateFault | undefined
  offset: number
  depth: number
}

export function createTokenReader(
  tokens: readonly TemplateToken[],
  { parseText, onFault }: Partial<Pick<TokenReader, 'parseText' | 'onFault'>> = {},
): TokenReader {
  return { tokens, mixed: parseText !== undefined, parseText: parseText ?? (() => []), onFault, offset: 0, depth: 0 }
}

/** The next token, or the one `ahead` of it; at the end always the end token. */
export function peek(reader: TokenReader, ahead = 0): TemplateToken {
  return reader.tokens[Math.min(reader.offset + ahead, reader.tokens.length - 1)]!
}

export function takeToken(reader: TokenReader): TemplateToken {
  const token = peek(reader)
  reader.offset++
  return token
}

/** Whether the next token is one of these operators or words. */
export function isNext(reader: TokenReader, ...texts: readonly string[]): boolean {
  const token = peek(reader)
  return (token.type === 'operator' || token.type === 'name') && texts.includes(token.text)
}

/** Takes the next token if it is this operator or word. */
export function acceptToken(reader: TokenReader, text: string): TemplateToken | undefined {
  return isNext(reader, text) ? takeToken(reader) : undefined
}

/** Consumes this token, or fails at the actual one. */
export function expectToken(reader: TokenReader, text: string): TemplateToken {
  return acceptToken(reader, text) ?? unexpectedToken(reader, `'${text}'`)
}

export function expectName(reader: TokenReader, what: string): TemplateToken {
  const token = peek(reader)
  return token.type === 'name' ? takeToken(reader) : unexpectedToken(reader, what)
}

/** Fails unless all tokens were consumed. */
export function expectEnd(reader: TokenReader): void {
  if (peek(reader).type !== 'end') unexpectedToken(reader, 'the end')
}

/** Reports a fault after which the tag can still be read, or throws it if nobody takes faults. */
export function reportFault({ onFault }: TokenReader, fault: InvalidError): void {
  if (!onFault) throw fault
  onFault(fault)
}

/** Throws the error that `expected` is missing before the next token. */
export function unexpectedToken(reader: TokenReader, expected: string): never {
  const token = peek(reader)
  throw syntaxError(
    `${expected} is expected here, not ${token.text === '' ? 'the end' : `'${clip(token.text)}'`}`,
    token.at,
    TOKEN_HINTS.get(token.text),
  )
}

const TOKEN_HINTS: ReadonlyMap<string, string> = new Map([
  ['=', 'Write `==` to compare.'],
  ['equals', 'Write `==` to compare.'],
  ['AND', 'Write `and`.'],
  ['OR', 'Write `or`.'],
  ['contains', "Turn it round: `'part' in text`."],
  ['matches', "Write `text | regex_search('pattern')`."],
  ['like', "Write `'part' in text`, or `text | regex_search('pattern')`."],
  ['if', 'Write `{% if … %}…{% endif %}`, or within `{{ }}` `one if … else another`.'],
  [':', 'Leave it out. The values of a filter stand in parentheses: `truncate(50)`.'],
  ['?', "Write `value | default('another')`."],
  ['for', 'There are no comprehensions. Write `xs | select(…)` and `xs | map(…)`, or a `{% for %}`.'],
])

/** Parses something nested; InvalidError when nested too deeply. */
export function parseNested<T>(reader: TokenReader, parse: (reader: TokenReader) => T): T {
  if (++reader.depth > MAX_NESTING) throw syntaxError(`nested deeper than ${MAX_NESTING} levels`, peek(reader).at)
  const result = parse(reader)
  reader.depth--
  return result
}

// only for nodes with children: most have none
const heights = new WeakMap<object, number>()

/** Returns the node. InvalidError if the tree is so high that recursion could exhaust the stack. */
export function checkTreeHeight<T extends Expression>(node: T, children: readonly (Expression | undefined)[] = []): T {
  if (children.length === 0) return node
  let height = 0
  for (const child of children) if (child) height = Math.max(height, heights.get(child) ?? 1)
  if (height >= MAX_TREE_HEIGHT)
    throw syntaxError(`more than ${MAX_TREE_HEIGHT} operations build on each other`, node.at)
  heights.set(node, height + 1)
  return node
}

const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
