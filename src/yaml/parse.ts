/**
 * YAML and JSON from foreign hands: bounded in size and depth, without loss of digits, and with places for messages.
 * `read.ts` is the usual entry. It knows nothing about pipelines.
 */

import type { Document, LineCounter, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { Composer, isMap, isScalar, isSeq, Lexer, Parser, YAMLParseError } from 'yaml'

/** Maximum nesting. */
export const MAX_DEPTH = 100

/** Maximum number of tokens. A pipeline of 10 000 steps has 400 000. */
const MAX_TOKENS = 500_000

export type LimitExceeded = { readonly message: string; readonly at: number; readonly is: 'long' | 'deep' }

const CORE = { version: '1.2', schema: 'core', merge: true, prettyErrors: false, logLevel: 'error' } as const
// the parser compares each key with all previous ones
const OPTIONS = { ...CORE, resolveKnownTags: false, uniqueKeys: false }

/** Converts CR line ends, which the parser would read as characters. */
export const normalizeLineEnds = (text: string): string => (text.includes('\n') ? text : text.replaceAll('\r', '\n'))

/** Parses YAML, within limits; beyond one the partial result means nothing. `what` names the text in messages. */
export function parseBounded(
  text: string,
  lines: LineCounter,
  what: string,
): { document: Document.Parsed; excess?: LimitExceeded } {
  const parser = new Parser(lines.addNewLine)
  let excess: LimitExceeded | undefined
  function* tokens() {
    let left = MAX_TOKENS
    for (const piece of new Lexer().lex(text)) {
      left -= 1
      excess = excessOf(parser, left, what)
      if (excess) return
      yield* parser.next(piece)
    }
    yield* parser.end()
  }
  lines.addNewLine(0)
  return withoutTraces(() => {
    const document = compose(tokens(), text.length)
    if (excess) return { document, excess }
    for (const repeated of repeatedKeys(document)) document.errors.push(repeated)
    return { document }
  })
}

function excessOf({ stack, offset: at }: Parser, left: number, what: string): LimitExceeded | undefined {
  if (left < 0) return { message: `${what} has more than ${MAX_TOKENS} keys, values and marks`, at, is: 'long' }
  // the document is below its levels on the stack, a value above them
  if (stack.length <= MAX_DEPTH + 2) return undefined
  return { message: `${what} is nested deeper than ${MAX_DEPTH} levels`, at, is: 'deep' }
}

/** The first document. A second one is reported as an error of it. */
function compose(tokens: ReturnType<Parser['end']>, length: number): Document.Parsed {
  const [first, second] = new Composer(OPTIONS).compose(tokens, true, length)
  if (second) {
    const [start, end] = second.range
    first!.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'Source contains multiple documents'))
  }
  return first!
}

/** Faults of a text need no stack traces, which take most of the time. */
function withoutTraces<T>(act: () => T): T {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return act()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Finds duplicate keys. The parser compares all pairs, which takes minutes for a large map. */
function repeatedKeys({ contents }: Document.Parsed): readonly YAMLParseError[] {
  const repeated: YAMLParseError[] = []
  eachNode(contents, (node) => {
    if (!isMap(node)) return
    const seen = new Set<unknown>()
    for (const { key } of node.items) {
      if (!isScalar(key)) continue
      const at = key.range?.[0] ?? 0
      if (seen.has(key.value))
        repeated.push(new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'Map keys must be unique'))
      seen.add(key.value)
    }
  })
  return repeated
}

type YamlNode = Scalar | YAMLMap | YAMLSeq

/** Visits each value of a document. The visitor of the parser builds a list of ancestors for each value. */
export function eachNode(node: unknown, look: (node: YamlNode, isKey: boolean) => void, isKey = false): void {
  if (isMap(node)) {
    look(node, isKey)
    for (const { key, value } of node.items) {
      eachNode(key, look, true)
      eachNode(value, look)
    }
  } else if (isSeq(node)) {
    look(node, isKey)
    for (const item of node.items) eachNode(item, look)
  } else if (isScalar(node)) look(node, isKey)
}

/** A position in a text. Both numbers start at 1. */
export type TextPosition = { readonly line: number; readonly column: number }

export function positionIn(lines: LineCounter, offset: number): TextPosition {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}
