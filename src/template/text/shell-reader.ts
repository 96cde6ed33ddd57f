/** A place in the text of a command, counted from 1. */
export type ShellPlace = { readonly line: number; readonly column: number }

/** The constructs that may be open. `unclear`: shells do not agree where it ends, so it is not known to end. */
type FrameType =
  | 'command'
  | 'single'
  | 'double'
  | 'ansi'
  | 'literal'
  | 'backquote'
  | 'arithmetic'
  | 'bracket'
  | 'brace'
  | 'comment'
  | 'document'
  | 'unclear'

/** An open construct: what opened it, and where. `depth`: the parentheses or brackets in it that are open. */
type ShellFrame = { type: FrameType; readonly opener: string; readonly at: ShellPlace; depth: number }

/** The word behind `<<`, while it is read, and the line that ends its document. */
type Delimiter = { word: string; hasBegun: boolean; isTabbed: boolean; quote: string; isEscaped: boolean }

/** Reads a command line of a POSIX shell, a character after the other, and knows what is open. */
export type ShellReader = {
  readonly frames: ShellFrame[]
  /** the character before, as far as it may begin something with the next one; `next`: what it is then */
  last: string
  next: string | undefined
  /** the character before has opened the construct at the top */
  isFresh: boolean
  isEscaped: boolean
  /** the lines that have a command, without what stands in quotes and documents */
  lines: number
  at: { line: number; column: number }
  word: string
  hasCode: boolean
  delimiter: Delimiter | undefined
  /** documents that begin with the next line */
  readonly documents: Delimiter[]
  /** the line of a document so far */
  text: string
}

/** A reader of an empty command line. */
export const createShellReader = (): ShellReader => ({
  frames: [{ type: 'command', opener: '', at: { line: 1, column: 1 }, depth: 0 }],
  last: ' ',
  next: undefined,
  isFresh: false,
  isEscaped: false,
  lines: 0,
  at: { line: 1, column: 1 },
  word: '',
  hasCode: false,
  delimiter: undefined,
  documents: [],
  text: '',
})

/** The construct that is open at the place that was read last. */
const topOf = ({ frames }: ShellReader): ShellFrame => frames.at(-1)!

/** Whether commands stand on more than one line of a command text. */
export function hasSeveralLines(command: string): boolean {
  const reader = createShellReader()
  for (const character of command) readCharacter(reader, character)
  return linesOf(reader) > 1
}

/** How many lines have a command so far. */
export const linesOf = ({ lines, hasCode }: ShellReader): number => lines + (hasCode ? 1 : 0)

/** Reads a value that is one word, or a part of one. */
export function readValue(reader: ShellReader): void {
  reader.last = 'x'
  reader.isFresh = false
  reader.text += '\0'
  reader.hasCode ||= topOf(reader).type === 'command'
}

export function readCharacter(reader: ShellReader, character: string): void {
  read(reader, character)
  if (character === '\n') {
    reader.at.line++
    reader.at.column = 1
  } else reader.at.column++
}

function read(reader: ShellReader, character: string): void {
  const { isEscaped, last } = reader
  const top = topOf(reader)
  if (isEscaped) {
    reader.isEscaped = false
    // two shells end `$'\''` at different quotes
    if (top.type === 'ansi' && character === "'") become(top)
    // a line that goes on is one line
    reader.last = character === '\n' ? last : 'x'
    return
  }
  if (reader.delimiter && !readDelimiter(reader, reader.delimiter, character)) return
  if (character === '\\' && ESCAPING.has(top.type)) {
    reader.isEscaped = true
    reader.hasCode ||= top.type === 'command'
    return
  }
  const { frames, word } = reader
  reader.word = /\w/.test(character) ? word + character : ''
  reader.next = undefined
  const before = frames.length
  // the pattern of a `case` ends with a parenthesis that opened nothing
  const isCase = word === 'case' && reader.word === '' && frames.some(({ type }) => type !== 'command')
  if (isCase && (top.type === 'command' || top.type === 'arithmetic')) become(top)
  else READERS[top.type](reader, top, character)
  reader.isFresh = frames.length > before
  // `$$` is the number of the process, and begins nothing
  reader.last = reader.next ?? (character === '$' && last === '$' ? 'x' : character)
}

const ESCAPING: ReadonlySet<FrameType> = new Set(['command', 'double', 'ansi', 'backquote', 'arithmetic', 'brace'])

type ReadFrame = (reader: ShellReader, top: ShellFrame, character: string) => void

const endsAt =
  (end: string): ReadFrame =>
  (reader, _, character) => {
    if (character === end) close(reader, end)
  }

const READERS: { readonly [type in FrameType]: ReadFrame } = {
  command: readCommand,
  single: endsAt("'"),
  double: (reader, _, character) => (character === '"' ? close(reader, '"') : openExpansion(reader, character)),
  ansi: endsAt("'"),
  // in `"${x:-it's}"` some shells quote with it, and some do not
  literal(reader, top, character) {
    if (character === "'") close(reader, "'")
    else if ('}"$`\\'.includes(character)) become(top)
  },
  backquote: endsAt('`'),
  arithmetic(reader, top, character) {
    // shells may also take it for a command in two pairs of parentheses
    if (character === '\n' || (character === '#' && WORD_ENDS.test(reader.last))) return become(top)
    if (openQuote(reader, character) || openExpansion(reader, character)) return
    if (character === '(') top.depth++
    if (character === ')' && --top.depth === 0) close(reader, top.opener === '((' ? ')' : 'x')
  },
  bracket(reader, top, character) {
    if ('\'"`\\'.includes(character)) become(top)
    if (character === '[') top.depth++
    if (character === ']' && --top.depth === 0) close(reader, 'x')
  },
  brace(reader, _, character) {
    if (character === '}') return close(reader, 'x')
    const isInDouble = reader.frames.some(({ type }) => type === 'double')
    if (character === "'" && isInDouble) return open(reader, 'literal', "'")
    if (!openQuote(reader, character)) openExpansion(reader, character)
  },
  comment(reader, _, character) {
    if (character !== '\n') return
    reader.frames.pop()
    endLine(reader)
  },
  document(reader, _, character) {
    if (character !== '\n') {
      reader.text += character
      return
    }
    const { word, isTabbed } = reader.documents[0]!
    const line = isTabbed ? reader.text.replace(/^\t+/, '') : reader.text
    reader.text = ''
    if (line !== word) return
    reader.documents.shift()
    if (reader.documents.length === 0) close(reader, '\n')
  },
  unclear: () => {},
}

function readCommand(reader: ShellReader, top: ShellFrame, character: string): void {
  const { last } = reader
  const isComment = character === '#' && WORD_ENDS.test(last)
  if (/\S/.test(character) && !isComment) reader.hasCode = true
  if (character === '\n') endLine(reader)
  else if (isComment) open(reader, 'comment', '#')
  else if (openQuote(reader, character) || openExpansion(reader, character)) return
  else if (character === '(' && reader.isFresh && top.opener === '(') replace(reader, '((')
  else if (character === '(') open(reader, 'command', '(')
  else if (character === ')' && reader.frames.length > 1) close(reader, top.opener === '$(' ? 'x' : ')')
  else if (character === '<' && last === '<')
    reader.delimiter = { word: '', hasBegun: false, isTabbed: false, quote: '', isEscaped: false }
}

function openQuote(reader: ShellReader, character: string): boolean {
  const { last } = reader
  if (character === "'") open(reader, last === '$' ? 'ansi' : 'single', last === '$' ? "$'" : "'")
  else if (character === '"') open(reader, 'double', '"')
  else return false
  return true
}

function openExpansion(reader: ShellReader, character: string): boolean {
  const { last } = reader
  const top = topOf(reader)
  if (character === '`') open(reader, 'backquote', '`')
  else if (last === '$' && character === '{') open(reader, 'brace', '${')
  else if (last === '$' && character === '[') open(reader, 'bracket', '$[', 1)
  else if (last === '$' && character === '(') open(reader, 'command', '$(')
  else if (character === '(' && reader.isFresh && top.opener === '$(') replace(reader, '$((')
  else return false
  return true
}

/** A second parenthesis makes the construct an arithmetic one. */
function replace(reader: ShellReader, opener: string): void {
  const { at } = reader.frames.pop()!
  reader.frames.push({ type: 'arithmetic', opener, at, depth: 2 })
}

/** Characters behind which a word begins. */
const WORD_ENDS = /[\s;&|()]/

function open({ frames, at }: ShellReader, type: FrameType, opener: string, depth = 0): void {
  const { line, column } = at
  frames.push({ type, opener, at: { line, column: column - opener.length + 1 }, depth })
}

/** Ends the construct that is open. `next`: the character before, for what follows. */
function close(reader: ShellReader, next: string): void {
  reader.frames.pop()
  reader.next = next
}

/** No place behind it is known to be safe. */
function become(top: ShellFrame): void {
  top.type = 'unclear'
}

function endLine(reader: ShellReader): void {
  if (reader.hasCode) reader.lines++
  reader.hasCode = false
  const [document] = reader.documents
  if (document) open(reader, 'document', `<<${document.word}`)
}

/** Reads the word behind `<<`. True if it has ended before this character. */
function readDelimiter(reader: ShellReader, delimiter: Delimiter, character: string): boolean {
  const { hasBegun, quote, isEscaped } = delimiter
  const add = (text: string) =>
    Object.assign(delimiter, { word: delimiter.word + text, hasBegun: true, isEscaped: false })
  if (isEscaped) add(character)
  else if (quote !== '') character === quote ? Object.assign(delimiter, { quote: '' }) : add(character)
  else if (!hasBegun && character === '-' && !delimiter.isTabbed) delimiter.isTabbed = true
  else if (!hasBegun && /[ \t]/.test(character)) return false
  else if (!hasBegun && character === '<') {
    // `<<<` takes a word
    reader.delimiter = undefined
    reader.last = ' '
  } else if (character === '\\') Object.assign(delimiter, { isEscaped: true, hasBegun: true })
  else if (/['"]/.test(character)) Object.assign(delimiter, { quote: character, hasBegun: true })
  else if (/[\s;&|<>()]/.test(character)) {
    reader.delimiter = undefined
    reader.documents.push(delimiter)
    reader.last = 'x'
    return true
  } else if (/[$`]/.test(character)) become(topOf(reader))
  else add(character)
  return false
}
