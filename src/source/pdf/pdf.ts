import { fileOfBytes, MAX_CHARACTERS, readWith } from '../../extension/read.ts'
import { type ReaderPage, type ReaderPages, unread } from '../../extension/reader.ts'
import { joinLineEnds, wordsWithHyphens } from '../../model/text/hyphens.ts'
import type { ParsedFile } from '../document.ts'
import { textOfPlaced } from './columns.ts'
import { isInflated } from './inflate.ts'
import { gapsOfPages, textOfPages } from './pages.ts'

const TYPE = 'application/pdf'

/**
 * Reads the text of a PDF, page by page. It has no headings, and a page without text is a gap. `module`: the extension
 * that reads it.
 * @throws TerminalError if it is not a PDF
 */
export async function parsePdf(bytes: Buffer, name: string, module: string): Promise<ParsedFile> {
  if (isInflated(bytes)) throw unread('it unpacks to more than a reader can hold', 'too_large')
  const read = await readWith(module, fileOfBytes({ name, type: TYPE, bytes }))
  if (read.form !== 'pages') throw unread(`its reader gave ${read.form} and no pages`)
  return { ...documentOfPages(read), type: TYPE }
}

/** The document of the pages that a reader gave. */
export function documentOfPages({ pages, count, title, gaps = [] }: ReaderPages): Omit<ParsedFile, 'type'> {
  const drawn: string[] = []
  const unsure: number[] = []
  let left = MAX_CHARACTERS
  for (const { items } of pages) {
    if (left <= 0) break
    const { text, isUnsure } = textOfPlaced(items)
    drawn.push(text.slice(0, left))
    left -= text.length
    if (isUnsure) unsure.push(drawn.length)
  }
  const known = wordsWithHyphens(drawn.join('\n'))
  const texts = withoutRunningLines(drawn).map((text) => joinLineEnds(text, known, { keepLines: true }))
  const shown = title?.trim().slice(0, 300)
  return {
    modality: 'text',
    places: 'pages',
    metadata: { pages: count, ...(shown && { title: shown }) },
    ...textOfPages(texts, known),
    gaps: [...gaps, ...strikeOutGaps(pages), ...unsureGaps(unsure), ...gapsOfPages(drawn, count)],
  }
}

const unsureGaps = (pages: readonly number[]): readonly string[] =>
  pages.length === 0
    ? []
    : [
        `the lines of columns may be mixed on ${pages.length === 1 ? 'page' : 'pages'} ${pages.slice(0, 5).join(', ')}${pages.length > 5 ? ', …' : ''}`,
      ]

/** The most pages that a gap names. */
const MAX_NAMED = 5

/**
 * A gap for text that somebody has struck out with a PDF viewer. The annotation names an area of the page, and lines of
 * text may reach over it, so the text is read.
 */
function strikeOutGaps(all: readonly ReaderPage[]): readonly string[] {
  const struck = all.map(({ strikeOuts = 0 }) => strikeOuts)
  const pages = struck.flatMap((count, place) => (count > 0 ? [place + 1] : []))
  const marks = struck.reduce((sum, count) => sum + count, 0)
  if (marks === 0) return []
  const named = `${pages.slice(0, MAX_NAMED).join(', ')}${pages.length > MAX_NAMED ? ', …' : ''}`
  const where = pages.length === 1 ? `page ${named}` : `pages ${named}`
  return [
    `it has ${marks} strike-out mark${marks === 1 ? '' : 's'} on ${where}, and the text under them is read as valid`,
  ]
}

/** Pages that a document needs, and lines of a page: a page of fewer has no header. */
const MIN_PAGES = 3
const MIN_LINES = 3
/** The share of the pages on which a line repeats at the same end, and how many lines of an end may. */
const MIN_SHARE = 0.6
const MAX_LINES = 2

/**
 * Pages without the headers and footers that repeat on most of them, but for the number of the page. The first page
 * keeps its own, as paragraphs above its text.
 */
export function withoutRunningLines(pages: readonly string[]): readonly string[] {
  const all = pages.map((text) => text.split('\n').filter((line) => line.trim() !== ''))
  const full = all.filter((lines) => lines.length >= MIN_LINES)
  if (full.length < MIN_PAGES) return pages
  const tops = repeated(full.map((lines) => lines.slice(0, MAX_LINES)))
  const ends = repeated(full.map((lines) => lines.slice(-MAX_LINES)))
  if (tops.size + ends.size === 0) return pages
  let isFirst = true
  return pages.map((text, page) => {
    const lines = text.split('\n')
    if (all[page]!.length < MIN_LINES) return text
    const top = countRunning(lines, tops)
    const end = countRunning(lines.slice(top).reverse(), ends)
    const body = lines.slice(top, lines.length - end).join('\n')
    if (top + end === 0 || !isFirst) return body
    isFirst = false
    return [lines.slice(0, top).join('\n'), lines.slice(lines.length - end).join('\n'), body]
      .filter((part) => part.trim() !== '')
      .join('\n\n')
  })
}

/** A line without its numbers, so that pages have the same. */
const formOf = (line: string) => line.trim().replace(/\d+/g, '#').replace(/\s+/g, ' ')

function repeated(ends: readonly (readonly string[])[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const form of ends.flatMap((lines) => [...new Set(lines.map(formOf))]))
    counts.set(form, (counts.get(form) ?? 0) + 1)
  const least = Math.max(MIN_PAGES, MIN_SHARE * ends.length)
  return new Set([...counts].filter(([, count]) => count >= least).map(([form]) => form))
}

/** How many lines at the beginning are running lines, with the blank ones between. */
function countRunning(lines: readonly string[], running: ReadonlySet<string>): number {
  let [count, seen] = [0, 0]
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    if (seen++ === MAX_LINES || !running.has(formOf(line))) break
    count = at + 1
  }
  return count
}
