/** The first place where a text stops being JSON. */
type JsonFault = {
  readonly offset: number
  readonly line: number
  readonly column: number
  /** as in "a value" */
  readonly expected: string
  /** the beginning of the rest, in quotes, or the end of the text */
  readonly found: string
}

/** The first fault of a text that is not JSON; undefined if it is JSON. */
export function jsonFaultIn(text: string): JsonFault | undefined {
  const fault = scan(text)
  if (!fault) return undefined
  const { at: offset, expected } = fault
  const before = text.slice(0, offset)
  const [rest = ''] = text
    .slice(offset, offset + FOUND_CHARS)
    .trimEnd()
    .split('\n')
  return {
    offset,
    line: before.split('\n').length,
    column: offset - before.lastIndexOf('\n'),
    expected,
    found: offset >= text.length ? 'the end of the text' : rest === '' ? 'a line break' : `'${rest}'`,
  }
}

export function whyNotJson(text: string): string {
  const fault = jsonFaultIn(text)
  return fault ? describeJsonFault(text, fault) : 'it cannot be parsed'
}

/** A fault in words: `line 1, column 21: expected a value, got ']' after '[{"a": 2},'`. */
export function describeJsonFault(text: string, { offset, line, column, expected, found }: JsonFault): string {
  const before = text.slice(Math.max(0, offset - QUOTED_CHARS), offset).trim()
  const where = before === '' ? '' : ` after '${offset > QUOTED_CHARS ? '…' : ''}${before}'`
  return `line ${line}, column ${column}: expected ${expected}, got ${found}${where}`
}

const QUOTED_CHARS = 40
const FOUND_CHARS = 20

type State = 'value' | 'first item' | 'first key' | 'key' | 'colon' | 'after'
type Fault = { readonly at: number; readonly expected: string }

const EXPECTED: { readonly [state in State]: string } = {
  value: 'a value',
  'first item': 'a value or ]',
  'first key': 'a key in double quotes or }',
  key: 'a key in double quotes',
  colon: 'a colon',
  after: 'a comma',
}
const SPACE = /[ \t\n\r]*/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y

/** Walks over the tokens. `open` holds the closing bracket of each list and map around the position. */
function scan(text: string): Fault | undefined {
  const open: string[] = []
  let state: State = 'value'
  for (let at = matchEnd(SPACE, text, 0); ; at = matchEnd(SPACE, text, at)) {
    const letter = text[at]
    const closing: string | undefined = open.at(-1)
    const expects: boolean = state === 'value' || state === 'first item'
    if (state === 'after' && closing === undefined)
      return letter === undefined ? undefined : { at, expected: 'the end of the text' }
    if (letter === closing && closing !== undefined && (state === 'after' || state.startsWith('first'))) {
      open.pop()
      state = 'after'
      at++
    } else if (state === 'after' && letter === ',') {
      state = closing === '}' ? 'key' : 'value'
      at++
    } else if (state === 'colon' && letter === ':') {
      state = 'value'
      at++
    } else if (letter === '"' && state !== 'after' && state !== 'colon') {
      const end = stringEnd(text, at)
      if (typeof end !== 'number') return end
      state = expects ? 'after' : 'colon'
      at = end
    } else if (expects && (letter === '[' || letter === '{')) {
      open.push(letter === '[' ? ']' : '}')
      state = letter === '[' ? 'first item' : 'first key'
      at++
    } else {
      const end = expects ? matchEnd(SCALAR, text, at) : at
      if (end === at) return { at, expected: `${EXPECTED[state]}${state === 'after' ? ` or ${closing}` : ''}` }
      state = 'after'
      at = end
    }
  }
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/** The end of the string that starts here, or its fault. */
function stringEnd(text: string, start: number): number | Fault {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1
    if (text.charCodeAt(at) < 0x20) return { at, expected: 'a closing quote (a line break is written \\n)' }
    if (text[at] !== '\\') continue
    const end = matchEnd(ESCAPE, text, at)
    if (end === at) return { at, expected: 'an escape such as \\n or \\u00e4' }
    at = end - 1
  }
  return { at: text.length, expected: 'a closing quote' }
}
