import { type Machine, spend, spendText } from '../evaluate/machine.ts'
import { charactersOf, lengthOf } from '../values/characters.ts'

type Breaks = { readonly words: boolean; readonly hyphens: boolean }

/** Lines being filled; `length` is that of the pieces of the last one, which is not closed yet. */
type Column = { readonly width: number; readonly lines: string[]; pieces: string[]; length: number }

/** Each line as lines of at most `width` characters, cut at spaces and hyphens; a longer word is cut or stands alone. */
export function wrapText(text: string, width: number, breaks: Breaks, joint: string, machine: Machine): string {
  spend(machine, text.length / 8)
  spendText(machine, text.length * (1 + joint.length))
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line) => wrapLine(line, Math.max(width, 1), breaks, machine).join(joint)).join(joint)
}

function wrapLine(line: string, width: number, breaks: Breaks, machine: Machine): readonly string[] {
  const column: Column = { width, lines: [], pieces: [], length: 0 }
  for (const chunk of chunksOf(line, breaks)) {
    const length = lengthOf(chunk, machine)
    const blank = chunk.trim() === ''
    if (column.length + length <= width) {
      if (!blank || column.length > 0 || column.lines.length === 0) put(column, chunk, length)
    } else if (length > width && breaks.words && !blank) putCut(column, charactersOf(chunk, machine))
    else {
      close(column)
      if (!blank) put(column, chunk, length)
    }
  }
  close(column)
  return column.lines
}

function put(column: Column, piece: string, length: number): void {
  column.pieces.push(piece)
  column.length += length
}

/** A word longer than a line fills up the last one and as many as it needs. */
function putCut(column: Column, characters: string | readonly string[]): void {
  if (column.length >= column.width) close(column)
  for (let from = 0; from < characters.length; ) {
    if (from > 0) close(column)
    const part = characters.slice(from, from + column.width - column.length)
    from += part.length
    put(column, typeof part === 'string' ? part : part.join(''), part.length)
  }
}

function close(column: Column): void {
  const line = column.pieces.join('').trimEnd()
  if (line !== '') column.lines.push(line)
  column.pieces = []
  column.length = 0
}

/** Words and what is between them; with hyphens, also what stands before and behind those. */
function chunksOf(line: string, { hyphens }: Breaks): readonly string[] {
  const chunks = line.split(/(\s+)/).filter((chunk) => chunk !== '')
  return hyphens ? chunks.flatMap((chunk) => chunk.split(/(?<=[\p{L}\p{N}]-)(?=\p{L})/u)) : chunks
}
