import type { TextRange } from '../../text/sentences.ts'
import type { SourcePassage } from './reading.ts'

/** A stretch of a document that was used; `at` is where it stands in the reply, when it stands there as it reads. */
export type Quote = { readonly document: number; readonly start: number; readonly end: number; readonly at?: TextRange }

/** The result of a task. `confidence` says how much the text covers the subject, not that it is correct. */
export type OfflineFinding = {
  readonly text: string
  readonly quotes: readonly Quote[]
  readonly confidence: number
  /** the text speaks of what is asked, and may not answer it */
  readonly unsure?: true
  /** why nothing is given */
  readonly refused?: string
}

/** Selecting sentences never makes sure of an answer: no confidence is above this. */
export const MAX_CONFIDENCE = 0.7

const NOTICE = 'offline/extractive answers by selecting from the text it is given and writes nothing itself'

/** No answer, and why. */
export function refusedFinding(why: string): OfflineFinding {
  return { text: `${NOTICE}; ${why}.`, quotes: [], confidence: 0, refused: why }
}

/** A confidence from 0 to the ceiling. */
export function boundConfidence(confidence: number): number {
  return Math.round(Math.max(0, Math.min(MAX_CONFIDENCE, confidence)) * 1000) / 1000
}

/** Passages as one text, each with the place it came from; `mark` stands before each of them on its own line. */
export function quotePassages(passages: readonly SourcePassage[], mark = ''): Pick<OfflineFinding, 'text' | 'quotes'> {
  let text = ''
  const quotes = passages.map((passage, order): Quote => {
    text += `${order === 0 ? '' : separator(passages[order - 1]!, passage, mark)}${mark}`
    const at = { start: text.length, end: text.length + passage.text.length }
    text += passage.text
    return { document: passage.document, start: passage.start, end: passage.end, at }
  })
  return { text, quotes }
}

/** Sentences flow on; items, rows and code keep their own lines. */
function separator(before: SourcePassage, after: SourcePassage, mark: string): string {
  return mark === '' && before.kind === 'paragraph' && after.kind === 'paragraph' ? ' ' : '\n'
}

/** The passages that fit into so many words, the first one in any case. */
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

/** Passages in the order they are written. */
export function inReadingOrder<Item extends SourcePassage>(
  passages: readonly Item[],
  reading: readonly SourcePassage[],
): Item[] {
  const places = new Map(reading.map(({ id }, place) => [id, place]))
  return [...passages].sort((a, b) => places.get(a.id)! - places.get(b.id)!)
}
