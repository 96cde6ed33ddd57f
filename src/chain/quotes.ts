import type { Citation as Quote } from '../model/spec.ts'
import { citationTag } from './citations.ts'
import type { Citation, Hit } from './types.ts'

/** The id of the hit a model was given as a document of that name. */
function vidOf({ document }: Quote): string {
  return document.replace(/\..*$/, '')
}

/** A text made of quotes, with a citation after each of them; one that cites by itself stays as it is. */
export function citeQuotes(text: string, quotes: readonly Quote[]): string {
  if (quotes.length === 0 || /<vid>/i.test(text)) return text
  let done = 0
  let cited = ''
  const unplaced = new Set<string>()
  for (const quote of quotes) {
    const at = text.indexOf(quote.text, done)
    if (at === -1) unplaced.add(citationTag(vidOf(quote)))
    else {
      cited += `${text.slice(done, at)}${quote.text} ${citationTag(vidOf(quote))}`
      done = at + quote.text.length
    }
  }
  return [cited + text.slice(done), ...unplaced].join(' ')
}

/** The lines of a hit that were quoted, and how they read; all of it when the model did not say where. */
export function linesOf(
  { vid, line, text }: Pick<Hit, 'vid' | 'line' | 'endLine' | 'text'>,
  quotes: readonly Quote[],
): Pick<Citation, 'line' | 'endLine' | 'text'> {
  const own = quotes.filter((quote) => vidOf(quote) === vid)
  const start = Math.min(...own.map((quote) => quote.start ?? 0), text.length)
  const end = Math.max(...own.map((quote) => quote.end ?? text.length), 0)
  const [from, to] = own.length > 0 && start < end ? [start, end] : [0, text.length]
  const before = newlines(text.slice(0, from))
  return { line: line + before, endLine: line + newlines(text.slice(0, to)), text: text.slice(from, to) }
}

function newlines(text: string): number {
  return text.split('\n').length - 1
}
