const DELIMITERS = [',', ';', '\t', '|'] as const
/** The most lines that are compared. */
const MAX_LINES = 50
/** A line that Excel writes above a CSV, and reads. */
const SEP = /^\uFEFF?sep=([^\r\n"])(?=\r?\n|$)/i

/**
 * The sign between the cells of a CSV. `isSure`: a line names it, or all lines have the same number of it. Undefined if
 * the first line has none of the usual signs.
 */
export function findDelimiter(text: string): { readonly sign: string; readonly isSure: boolean } | undefined {
  const [, named] = SEP.exec(text) ?? []
  if (named !== undefined) return { sign: named, isSure: true }
  const lines = firstLines(text)
  const used = DELIMITERS.filter((sign) => countOf(sign, lines[0] ?? '') > 0)
  const evenly = used.filter((sign) => lines.every((line) => countOf(sign, line) === countOf(sign, lines[0]!)))
  // beside another sign, commas within numbers are decimal ones
  const isDecimal =
    lines.length > 1 && lines.slice(1).every((line) => !line.replace(/(?<=\d),(?=\d)/g, '').includes(','))
  const even = evenly.length > 1 && isDecimal ? evenly.filter((sign) => sign !== ',') : evenly
  const [best] = (even.length > 0 ? even : used).toSorted(
    // a comma of a name may stand in the first line only
    (one, other) =>
      linesWith(other, lines) - linesWith(one, lines) || countOf(other, lines[0]!) - countOf(one, lines[0]!),
  )
  return best && { sign: best, isSure: even.length > 0 && lines.length > 1 }
}

/** The text with a blank line in place of `sep=;`, so that its lines keep their numbers. */
export const withoutSep = (text: string): string => text.replace(SEP, '')

const linesWith = (sign: string, lines: readonly string[]) => lines.filter((line) => countOf(sign, line) > 0).length

/** The first lines that are not empty, without quoted cells. */
function firstLines(text: string): readonly string[] {
  const start = text.slice(0, 100_000).replace(/"(?:[^"]|"")*"/g, '""')
  return start
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, MAX_LINES)
}

const countOf = (sign: string, line: string) => line.split(sign).length - 1
