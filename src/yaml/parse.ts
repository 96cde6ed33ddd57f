import {
  Composer,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type LineCounter,
  Parser,
  type Scalar,
  type YAMLMap,
  YAMLParseError,
  type YAMLSeq,
} from 'yaml'

/** Levels of a text. */
export const MAX_DEPTH = 100

/** Marks, names, values, spaces and ends of lines that a text may have: a pipeline of 10 000 steps has 400 000. */
const MAX_TOKENS = 500_000

/** Why a text is not read to its end, and where. */
export type LimitExceeded = { readonly message: string; readonly at: number; readonly is: 'long' | 'deep' }

const CORE = { version: '1.2', schema: 'core', merge: true, prettyErrors: false, logLevel: 'error' } as const
// the parser compares each key with all before it
const OPTIONS = { ...CORE, resolveKnownTags: false, uniqueKeys: false }

/** A text with lines that the parser sees: it takes the CR by which some files end each of theirs for a letter. */
export function normalizeLineEnds(text: string): string {
  return text.includes('\n') ? text : text.replaceAll('\r', '\n')
}

/** What a text says as YAML; `what`: what to call it. One with too much in it is given up where that shows; what it says so far means nothing then. */
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
  // the document lies below its levels, a value above them
  if (stack.length <= MAX_DEPTH + 2) return undefined
  return { message: `${what} is nested deeper than ${MAX_DEPTH} levels`, at, is: 'deep' }
}

/** The first document; that there is another one is a fault of it. */
function compose(tokens: ReturnType<Parser['end']>, length: number): Document.Parsed {
  const [first, second] = new Composer(OPTIONS).compose(tokens, true, length)
  if (second) {
    const [start, end] = second.range
    first!.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'Source contains multiple documents'))
  }
  return first!
}

/** Faults of a text are no failures: where in the program each was found is told to nobody, and takes most of the time. */
function withoutTraces<T>(act: () => T): T {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return act()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The keys that stand twice in a map, as the parser would tell them: it compares each with all before it, which takes minutes of a large map. */
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

/** A value as it stands in a text. */
export type YamlNode = Scalar | YAMLMap | YAMLSeq

/** Looks at each value of a document, from its root on; keys are told apart. The parser's own way makes a list of what is around each. */
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

/** A place in a text; both count from 1. */
export type TextPosition = { readonly line: number; readonly column: number }

/** Line and column of an offset. */
export function positionIn(lines: LineCounter, offset: number): TextPosition {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}
