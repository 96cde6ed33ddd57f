/** An SPDX licence expression. `exception` is kept but has no standard text to compare. */
export type Expression =
  | { readonly type: 'licence'; readonly id: string; readonly exception: string | null }
  | { readonly type: 'and' | 'or'; readonly parts: readonly Expression[] }

const TOKEN = /\s*([()]|[A-Za-z0-9][A-Za-z0-9.:+-]*)\s*/y
const MOST_TOKENS = 500
const DEEPEST = 50

/** The expression a text says, or null when it is none. */
export function parseExpression(text: string): Expression | null {
  const tokens = tokensOf(text)
  if (tokens === null) return null
  const reader = { tokens, at: 0 }
  const expression = readAll(reader, 'or', DEEPEST)
  return reader.at === tokens.length ? expression : null
}

/** Every licence id in an expression, in order. */
export function idsIn(expression: Expression): readonly string[] {
  return expression.type === 'licence' ? [expression.id] : expression.parts.flatMap(idsIn)
}

function tokensOf(text: string): readonly string[] | null {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[1]
    if (token === undefined || tokens.length === MOST_TOKENS) return null
    tokens.push(token)
  }
  return tokens
}

type Reader = { readonly tokens: readonly string[]; at: number }

// AND binds tighter than OR.
function readAll(reader: Reader, type: 'and' | 'or', depth: number): Expression | null {
  const readPart = () => (type === 'or' ? readAll(reader, 'and', depth) : readOne(reader, depth))
  const parts: Expression[] = []
  do {
    const part = readPart()
    if (part === null) return null
    parts.push(part)
  } while (skip(reader, type))
  return parts.length === 1 ? parts[0]! : { type, parts }
}

function readOne(reader: Reader, depth: number): Expression | null {
  if (skip(reader, '(')) {
    const inner = depth > 0 ? readAll(reader, 'or', depth - 1) : null
    return skip(reader, ')') ? inner : null
  }
  const id = readId(reader)
  if (id === null) return null
  if (!skip(reader, 'with')) return { type: 'licence', id, exception: null }
  const exception = readId(reader)
  return exception === null ? null : { type: 'licence', id, exception }
}

function readId(reader: Reader): string | null {
  const token = reader.tokens[reader.at]
  if (token === undefined || /^(?:[()]|and|or|with)$/i.test(token)) return null
  reader.at++
  return token
}

function skip(reader: Reader, token: string): boolean {
  const found = reader.tokens[reader.at]?.toLowerCase() === token
  if (found) reader.at++
  return found
}
