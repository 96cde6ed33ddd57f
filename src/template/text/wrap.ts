import { type RenderMachine, spendSteps, spendText } from '../machine/machine.ts'
import { charactersOf } from '../values/characters.ts'

type WrapBreaks = { readonly words: boolean; readonly hyphens: boolean }
type Characters = ReturnType<typeof charactersOf>

/** Lines being filled. `length` is the length of the last, open line. */
type WrapColumn = { readonly width: number; readonly lines: string[]; pieces: string[]; length: number }

/** Wraps lines to `width` characters at spaces and hyphens, like Python's textwrap. Longer words may be cut. */
export function wrapText(
  text: string,
  width: number,
  breaks: WrapBreaks,
  joint: string,
  machine: RenderMachine,
): string {
  spendSteps(machine, text.length / 8)
  spendText(machine, text.length * (1 + joint.length))
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n')
  return lines.map((line) => wrapLine(line, Math.max(width, 1), breaks, machine).join(joint)).join(joint)
}

function wrapLine(line: string, width: number, breaks: WrapBreaks, machine: RenderMachine): readonly string[] {
  const column: WrapColumn = { width, lines: [], pieces: [], length: 0 }
  for (const chunk of line.match(breaks.hyphens ? PARTS : WORDS) ?? [])
    take(column, charactersOf(chunk, machine), isBlank(chunk), breaks)
  close(column)
  return column.lines
}

function take(column: WrapColumn, chunk: Characters, blank: boolean, breaks: WrapBreaks): void {
  if (blank && isNextLine(column)) return
  const isLong = chunk.length > column.width
  if (column.length + chunk.length <= column.width) put(column, chunk)
  else if (isLong && breaks.words) takeCut(column, chunk, blank, breaks)
  else if (column.pieces.length === 0) put(column, chunk)
  else {
    close(column)
    take(column, chunk, blank, breaks)
  }
}

/** Only the first line may start with white space. */
const isNextLine = ({ pieces, lines }: WrapColumn) => pieces.length === 0 && lines.length > 0

/** A chunk longer than a line fills the current line and as many as it needs. */
function takeCut(column: WrapColumn, chunk: Characters, blank: boolean, breaks: WrapBreaks): void {
  let from = 0
  while (chunk.length - from > column.width) {
    if (blank && isNextLine(column)) return
    const room = chunk.slice(from, from + column.width - column.length)
    const part = room.slice(0, breaks.hyphens ? lengthToHyphen(room) : room.length)
    put(column, part)
    close(column)
    from += part.length
  }
  take(column, chunk.slice(from), blank, breaks)
}

/** The length up to the last usable hyphen, else the whole length. */
function lengthToHyphen(room: Characters): number {
  const hyphen = room.lastIndexOf('-')
  const isBehind = hyphen > 0 && Array.from(room.slice(0, hyphen)).some((character) => character !== '-')
  return isBehind ? hyphen + 1 : room.length
}

function put(column: WrapColumn, part: Characters): void {
  column.pieces.push(typeof part === 'string' ? part : part.join(''))
  column.length += part.length
}

function close(column: WrapColumn): void {
  if (isBlank(column.pieces.at(-1) ?? '')) column.pieces.pop()
  if (column.pieces.length > 0) column.lines.push(column.pieces.join(''))
  column.pieces = []
  column.length = 0
}

const isBlank = (text: string) => text.trim() === ''

// textwrap's definition of a chunk; a letter is a word character except digits
const SPACE = String.raw`[\t\v\f\r ]`
const LETTER = String.raw`[\p{L}\p{Nl}\p{No}_]`
const WORD = String.raw`[\p{L}\p{N}_]`
const BEFORE_DASH = String.raw`(?<=[\p{L}\p{N}_!"'&.,?])`
const HYPHEN = `-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${LETTER}-))(?=${LETTER}-?${LETTER})`
const END = `(?=${SPACE}|$)`
const DASH = `-{2,}(?=${WORD})`

/** White space, and the text between it. */
const WORDS = new RegExp(String.raw`${SPACE}+|[^\t\v\f\r ]+`, 'gu')
/** The same, with words also split after hyphens and around dashes. */
const PARTS = new RegExp(
  String.raw`${SPACE}+|${BEFORE_DASH}${DASH}|[^\t\v\f\r ]+?(?:${HYPHEN}|${END}|${BEFORE_DASH}(?=${DASH}))`,
  'gu',
)
