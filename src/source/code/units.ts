import { linesOf } from '../../model/text/blocks.ts'
import type { Passage } from '../../model/text/passages.ts'
import { cutLongRange } from '../../model/text/sentences.ts'
import type { Definition } from './walk.ts'

/** Maximum characters of a unit: a passage is one, too. */
const MAX_UNIT_LENGTH = 600

type Lines = ReturnType<typeof linesOf>
/** Lines that belong together, from `first` to `last`; both count from 0. */
type Part = { readonly first: number; readonly last: number; readonly heading: string }

/**
 * The units of a code: each definition with its comment, and what is between definitions. A long definition becomes its
 * head and its inner definitions, and what is still too long is cut at blank lines. Every line with text belongs to
 * exactly one unit. The heading says in which definition it is.
 */
export function unitsOfCode(text: string, definitions: readonly Definition[]): readonly Passage[] {
  const lines = linesOf(text)
  const whole = { first: 0, last: lines.length - 1, heading: '' }
  return partsOf(text, lines, whole, definitions).flatMap((part, block) =>
    cutPart(text, lines, part).map((unit) => ({ ...unit, block, heading: part.heading, kind: 'code' as const })),
  )
}

/** Lines, taken apart at definitions. One that begins in the last line of another is part of that one. */
function partsOf(text: string, lines: Lines, whole: Part, definitions: readonly Definition[]): readonly Part[] {
  const parts: Part[] = []
  let next = whole.first
  const between = (last: number) => {
    if (last < next) return
    const saysNothing = !/[\p{L}\p{N}]/u.test(textOf(text, lines, next, last))
    const before = parts.at(-1)
    if (!saysNothing) parts.push({ first: next, last, heading: whole.heading })
    else if (before) parts[parts.length - 1] = { ...before, last }
  }
  for (const definition of definitions) {
    const { first, last, inner } = definition
    if (last < next || last > whole.last) continue
    between(Math.min(first, whole.last) - 1)
    const own = { first: Math.max(first, next), last, heading: headingOf(definition, whole.heading) }
    const isLong = textOf(text, lines, own.first, last).length > MAX_UNIT_LENGTH
    parts.push(...(isLong && inner.length > 0 ? partsOf(text, lines, own, inner) : [own]))
    next = last + 1
  }
  between(whole.last)
  return parts
}

/** `class Store › get`: its kind helps to find a definition. */
function headingOf({ kind, path }: Definition, above: string): string {
  if (above !== '') return `${above} › ${path.split(' › ').at(-1)}`
  return kind === 'container' ? path : `${kind} ${path}`
}

const textOf = (text: string, lines: Lines, first: number, last: number) =>
  text.slice(lines[first]!.start, lines[last]!.end)

type Unit = Pick<Passage, 'text' | 'line' | 'endLine' | 'start' | 'end'>

/** Lines are joined as long as they fit. What does not fit is cut at its last blank line, or else between lines. */
function cutPart(text: string, lines: Lines, part: Part): readonly Unit[] {
  const units: Unit[] = []
  const rows = rowsBetween(part).filter((row) => textOf(text, lines, row, row).trim() !== '')
  let [first = 0] = rows
  let last = first
  let gap: { readonly above: number; readonly below: number } | undefined
  for (const row of rows) {
    if (row > last + 1) gap = { above: last, below: row }
    while (row > first && textOf(text, lines, first, row).length > MAX_UNIT_LENGTH) {
      units.push(...unitOf(text, lines, first, gap?.above ?? last))
      first = gap?.below ?? row
      gap = undefined
    }
    last = row
  }
  return rows.length === 0 ? units : [...units, ...unitOf(text, lines, first, last)]
}

const rowsBetween = ({ first, last }: Part) => Array.from({ length: last - first + 1 }, (_, row) => first + row)

function unitOf(text: string, lines: Lines, first: number, last: number): readonly Unit[] {
  const range = { start: lines[first]!.start, end: lines[last]!.end }
  return cutLongRange(text, range, MAX_UNIT_LENGTH).map(({ start, end }) => ({
    text: text.slice(start, end),
    line: first + 1,
    endLine: last + 1,
    start,
    end,
  }))
}
