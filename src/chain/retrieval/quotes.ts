import type { Citation as Quote } from '../../model/request/request.ts'
import { tableHead } from '../../model/text/columns.ts'
import { isCodeName, isRecordName } from '../../model/text/passages.ts'
import { codeByContent } from '../../source/code/by-content.ts'
import { firstWords, splitUnits } from '../../source/split.ts'
import type { Hit, SourceQuote } from '../../thread/protocol/phase-types.ts'
import { citationTag } from './citations.ts'

/**
 * A text of quotes from hits, with a citation after each. A text with its own citations stays as it is; a quote that is
 * not found in the text is cited at its end.
 */
export function citeQuotes(text: string, quotes: readonly Quote[], hits: readonly Hit[]): string {
  if (/<vid>/i.test(text)) return text
  let done = 0
  let cited = ''
  const unplaced = new Set<string>()
  for (const quote of quotes) {
    const hit = hits.find(({ vid }) => vid === hitIdOf(quote))
    if (!hit) continue
    const words = wordsOf(quote, hit)
    const at = text.indexOf(words, done)
    if (at === -1) unplaced.add(citationTag(hit.vid))
    else {
      cited += `${text.slice(done, at)}${words} ${citationTag(hit.vid)}`
      done = at + words.length
    }
  }
  return [cited + text.slice(done), ...unplaced].join(' ')
}

/**
 * The place of a hit that an answer cites: the lines from its first quote to its last one. `quotes`: the place of each
 * mark of the hit in the answer, in their order, if they differ.
 */
export function placesIn(answer: string, hit: Hit, given: readonly Quote[]) {
  const own = given.filter((quote) => hitIdOf(quote) === hit.vid)
  // marks are in the order of the quotes, and the words of two may be the same
  const left = [...own]
  const quotes = answer
    .split(citationTag(hit.vid))
    .slice(0, -1)
    .map((before) => {
      const fits = (one: Quote) => before.trimEnd().endsWith(wordsOf(one, hit))
      const at = left.findIndex(fits)
      const quote = at < 0 ? own.find(fits) : left.splice(at, 1)[0]
      return placeOf(hit, quote ? [quote] : own)
    })
  const differ = new Set(quotes.map((quote) => JSON.stringify(quote))).size > 1
  return { ...placeOf(hit, own), ...(differ && { quotes }) }
}

/** Words of a file that has no lines name the quote itself. */
function placeOf(hit: Hit, quotes: readonly Quote[]): SourceQuote {
  const { at } = hit
  const quoted = quotedLines(hit, quotes)
  return { ...quoted, ...(at !== undefined && { at: at.startsWith(':~:') ? firstWords(quoted.text) : at }) }
}

/** The quoted lines of a hit, or all of it without a place. A fact about code quotes its lines, not its sentence. */
export function quotedLines(hit: Hit, quotes: readonly Quote[]): Pick<SourceQuote, 'line' | 'endLine' | 'text'> {
  const { text, line, endLine, shownAt } = hit
  if (shownAt !== undefined) return { line, endLine, text: text.slice(shownAt) }
  const lead = leadOf(hit).length
  const own = quotes.flatMap(({ start, end, ...quote }) =>
    hitIdOf(quote) === hit.vid && start !== undefined && end !== undefined
      ? [{ start: Math.max(0, start - lead), end: end - lead }]
      : [],
  )
  if (own.length === 0) return { line, endLine, text }
  const from = Math.min(...own.map(({ start }) => start))
  const to = Math.max(...own.map(({ end }) => end))
  return {
    line: line + newlines(text.slice(0, from)),
    endLine: line + newlines(text.slice(0, to)),
    text: text.slice(from, to),
  }
}

/** A hit as a model sees it: below its heading, which often names its subject. */
export const hitText = (hit: Hit): string => `${leadOf(hit)}${hit.text}`

/** Rows stand below their column names. Code names itself, and a heading above it would be read as a line of it. */
function leadOf({ heading, file, text }: Hit): string {
  if (heading === '' || isCodeName(file) || codeByContent(file, text)) return ''
  return (isRecordName(file) ? undefined : tableHead(heading, text)) ?? `# ${heading}\n\n`
}

/** The id of the hit that a model received as this document. */
export const hitIdOf = ({ document }: Pick<Quote, 'document'>): string => document.replace(/\..*$/s, '')

/** A quoted passage in the form of the reply: without the line breaks and markup of its document. */
function wordsOf({ document, text, start }: Quote, hit: Hit): string {
  return splitUnits(document, hitText(hit)).find((unit) => unit.start === start)?.text ?? text
}

const newlines = (text: string): number => text.split('\n').length - 1
