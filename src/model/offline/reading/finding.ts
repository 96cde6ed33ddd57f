import type { TextRange } from '../../text/sentences.ts'
import type { SourcePassage } from './reading.ts'

/** A part of a document that the reply uses; `at` is its place in the reply, if it stands there literally. */
export type Quote = { readonly document: number; readonly start: number; readonly end: number; readonly at?: TextRange }

/** The result of a task. `confidence` states how well the text covers the subject, not whether the reply is correct. */
export type OfflineFinding = {
  readonly text: string
  readonly quotes: readonly Quote[]
  readonly confidence: number
  /** the text is about the question, but may not answer it */
  readonly unsure?: true
  /** why there is no answer */
  readonly refused?: string
}

/** Selecting sentences never proves an answer: no confidence is above this. */
export const MAX_CONFIDENCE = 0.7

const NOTICE = 'offline/extractive answers by selecting from the text it is given and writes nothing itself'

/** No answer, and the reason. */
export function refusedFinding(why: string): OfflineFinding {
  return { text: `${NOTICE}; ${why}.`, quotes: [], confidence: 0, refused: why }
}

/** Limits a confidence to the range from 0 to the ceiling. */
export function boundConfidence(confidence: number): number {
  return Math.round(Math.max(0, Math.min(MAX_CONFIDENCE, confidence)) * 1000) / 1000
}

/** Passages as one text, each with its place in the document. `mark` precedes each passage on a line of its own. */
export function quotePassages(passages: readonly SourcePassage[], mark = ''): Quoted {
  let text = ''
  const quotes = passages.map((passage, order): Quote => {
    text += `${order === 0 ? '' : separator(passages[order - 1]!, passage, mark)}${mark}`
    const at = { start: text.length, end: text.length + passage.text.length }
    text += passage.text
    return { document: passage.document, start: passage.start, end: passage.end, at }
  })
  return { text, quotes }
}

type Quoted = Pick<OfflineFinding, 'text' | 'quotes'>

/** Quoted texts behind each other, as one. */
export const joinQuotes = (parts: readonly Quoted[], between: string): Quoted =>
  parts.reduce((before, { text, quotes }) => {
    const moved = before.text.length + between.length
    const behind = quotes.map((quote) => ({
      ...quote,
      ...(quote.at && { at: { start: quote.at.start + moved, end: quote.at.end + moved } }),
    }))
    return { text: `${before.text}${between}${text}`, quotes: [...before.quotes, ...behind] }
  })

/** Sentences are joined to a paragraph; items, rows and code keep their own lines. */
function separator(before: SourcePassage, after: SourcePassage, mark: string): string {
  return mark === '' && before.kind === 'paragraph' && after.kind === 'paragraph' ? ' ' : '\n'
}

/** The passages that fit into a number of words; the first one always stays. */
export function withinWords<Item extends SourcePassage>(
  passages: readonly Item[],
  words: number | undefined,
): readonly Item[] {
  if (words === undefined) return passages
  let left = words
  return passages.filter(({ text }, order) => {
    left -= text.split(/\s+/).length
    return left >= 0 || order === 0
  })
}

export function inReadingOrder<Item extends SourcePassage>(
  passages: readonly Item[],
  reading: readonly SourcePassage[],
): Item[] {
  const places = new Map(reading.map(({ id }, place) => [id, place]))
  return [...passages].sort((a, b) => places.get(a.id)! - places.get(b.id)!)
}
