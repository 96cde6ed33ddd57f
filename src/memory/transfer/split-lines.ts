import { lineFault } from './line-fault.ts'

/** NDJSON in pieces, which may end anywhere. */
export type NdjsonPieces = AsyncIterable<string | Uint8Array>

/** Characters of a line: a record of the largest size with every character escaped. */
const MAX_LINE_LENGTH = 2 * 1024 * 1024

/** A line that is not empty, with its number from 1 on. */
type NumberedLine = { readonly line: number; readonly text: string }

/** Splits pieces into lines. @throws InvalidError for a line that is too long, or not UTF-8 */
export async function* splitLines(pieces: NdjsonPieces): AsyncGenerator<NumberedLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let line = 0
  const decode = (piece?: Uint8Array) => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
    } catch {
      throw lineFault(line + 1, 'expected UTF-8 text here or in a later line')
    }
  }
  for await (const piece of pieces) {
    const lines = (rest + (typeof piece === 'string' ? piece : decode(piece))).split('\n')
    rest = lines.pop()!
    for (const text of lines) yield* numbered(++line, text)
    if (rest.length > MAX_LINE_LENGTH) throw tooLong(line + 1)
  }
  yield* numbered(++line, rest + decode())
}

function* numbered(line: number, text: string): Generator<NumberedLine> {
  if (text.length > MAX_LINE_LENGTH) throw tooLong(line)
  if (text.trim() !== '') yield { line, text }
}

const tooLong = (line: number) => lineFault(line, `expected at most ${MAX_LINE_LENGTH} characters`)
