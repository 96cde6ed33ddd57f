import { Composer, type Document, Lexer, type LineCounter, Parser, YAMLParseError } from 'yaml'
import { repeatedKeys } from './duplicate-keys.ts'

/** Levels of a text. */
export const MOST_LEVELS = 100

/** Marks, names, values, spaces and ends of lines that a text may have: a pipeline of 10 000 steps has 400 000. */
const MOST_PIECES = 500_000

/** Why a text is not read to its end, and where. */
export type Excess = { readonly message: string; readonly at: number; readonly is: 'long' | 'deep' }

const CORE = { version: '1.2', schema: 'core', merge: true, prettyErrors: false, logLevel: 'error' } as const
// the parser compares each key with all before it
const OPTIONS = { ...CORE, resolveKnownTags: false, uniqueKeys: false }

/** A text with lines that the parser sees: it takes the CR by which some files end each of theirs for a letter. */
export function withLines(text: string): string {
  return text.includes('\n') ? text : text.replaceAll('\r', '\n')
}

/** What a text says as YAML; `what`: what to call it. One with too much in it is given up where that shows; what it says so far means nothing then. */
export function parseBounded(
  text: string,
  lines: LineCounter,
  what: string,
): { document: Document.Parsed; excess?: Excess } {
  const parser = new Parser(lines.addNewLine)
  let excess: Excess | undefined
  function* tokens() {
    let left = MOST_PIECES
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

function excessOf({ stack, offset: at }: Parser, left: number, what: string): Excess | undefined {
  if (left < 0) return { message: `${what} has more than ${MOST_PIECES} keys, values and marks`, at, is: 'long' }
  // the document lies below its levels, a value above them
  if (stack.length <= MOST_LEVELS + 2) return undefined
  return { message: `${what} is nested deeper than ${MOST_LEVELS} levels`, at, is: 'deep' }
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
