import { truncate } from './strings.ts'

/** A range of a text; `end` is exclusive. */
export type TextRange = { readonly start: number; readonly end: number }

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** Texts that look like the end of a sentence but are not: `e.g.`, the initial `J.`, the list marker `(a)`. */
const ABBREVIATION =
  /\b(?:e\.g|i\.e|etc|vs|cf|fig|no|mr|mrs|ms|dr|st|inc|ltd|approx|resp|sec|vol|al|ver|incl|bzw|ca|nr|abs|z\.\s?b|d\.\s?h)\.$/i
/** A day before its month, as in German: `12. April`. */
const DAY = /(?<![\w.,])\d{1,2}\.$/
const MONTH_AHEAD =
  /^\s*(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b/
const MONTH_LENGTH = 14
const INITIAL = /(?:\b\p{Lu}\.|\(\w\))$/u
const MIN_SENTENCE_LENGTH = 4
const MAX_ABBREVIATION_TAIL = 40
/** Images, targets of links, and code in backticks: no sentence ends inside them. */
const NOT_PROSE = /!\[[^\]\n]{0,200}|\]\([^()\n]{1,500}\)|`[^`\n]{1,300}`/g

/** Longer texts are cut between words: minified text or a long table must not become one passage. */
const MAX_RANGE_LENGTH = 1000

/** The sentences between `start` and `end`; a line break does not end one. Offsets are those of `text`. */
export function sentenceRanges(text: string, { start, end }: TextRange): TextRange[] {
  const prose = unwrap(text.slice(start, end))
  return mergeUnfinished(prose)
    .flatMap((range) => cutLongRange(prose, range))
    .map((range) => trimRange(prose, range))
    .filter((range) => range.end > range.start)
    .map((range) => ({ start: range.start + start, end: range.end + start }))
}

/** The range without surrounding white space. */
export function trimRange(text: string, { start, end }: TextRange): TextRange {
  const slice = text.slice(start, end)
  const lead = slice.length - slice.trimStart().length
  return lead === slice.length ? { start, end: start } : { start: start + lead, end: start + slice.trimEnd().length }
}

/**
 * Replaces each character with exactly one other, so that offsets stay valid. Line breaks, indents and quote marks
 * become spaces. In links, images and code, full stops, question marks and exclamation marks become underscores.
 */
function unwrap(text: string): string {
  return text
    .replace(/\r?\n[ \t]*(?:>[ \t]?)*/g, (found) => ' '.repeat(found.length))
    .replace(/^>/, ' ')
    .replace(NOT_PROSE, (found) => found.replace(/[.!?]/g, '_'))
}

function mergeUnfinished(prose: string): TextRange[] {
  const ranges: TextRange[] = []
  let start = 0
  for (const { segment, index } of segmenter.segment(prose)) {
    const end = index + segment.length
    if (isUnfinished(prose, start, end)) continue
    ranges.push({ start, end })
    start = end
  }
  return start < prose.length ? [...ranges, { start, end: prose.length }] : ranges
}

/** Looks only at the end of the text. Otherwise a long run of abbreviations takes quadratic time. */
function isUnfinished(prose: string, start: number, end: number): boolean {
  const tail = prose.slice(Math.max(start, end - MAX_ABBREVIATION_TAIL), end).trim()
  const short = end - start <= MAX_ABBREVIATION_TAIL && tail.length < MIN_SENTENCE_LENGTH
  const isDay = DAY.test(tail) && MONTH_AHEAD.test(prose.slice(end, end + MONTH_LENGTH))
  return short || isDay || ABBREVIATION.test(tail) || INITIAL.test(tail)
}

/** The range in pieces of at most `longest` characters, split between words if possible. */
export function cutLongRange(text: string, { start, end }: TextRange, longest = MAX_RANGE_LENGTH): TextRange[] {
  const ranges: TextRange[] = []
  let from = start
  while (end - from > longest) {
    // searches only the piece: a search in the whole text would go back to its beginning each time
    const piece = text.slice(from, from + longest + 1)
    const space = piece.lastIndexOf(' ')
    const to = from + (space > 0 ? space : truncate(piece, longest).length)
    ranges.push({ start: from, end: to })
    from = to
  }
  return [...ranges, { start: from, end }]
}
