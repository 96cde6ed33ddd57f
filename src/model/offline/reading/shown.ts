import { queryTerms, termsOf } from '../../text/terms.ts'
import type { SourcePassage } from './reading.ts'

/** A row with more cells shows the first ones and those that the question names. */
const MAX_CELLS = 12
const FIRST_CELLS = 2
const CELL_START = /, (?=[^,:]{1,80}: )/
/** Questions that a version, a chapter or a date above a statement answers. */
const ASKS_HEADING =
  /^(?:since |until |by )?when\b|\b(?:which|what) (?:versions?|releases?|sections?|chapters?|articles?|editions?|years?|months?|days?|dates?)\b/i
const MAX_HEADING = 80

/** The last heading of a statement, if it has a number and the question may ask for it: `9.0.0 - 2017-05-05`. */
export function askedHeading({ heading, kind, text }: SourcePassage, question: string): string | undefined {
  const last = heading.split(' › ').at(-1)!
  const isAsked = kind !== 'row' && /\d/.test(last) && last.length <= MAX_HEADING && ASKS_HEADING.test(question)
  return isAsked && !text.includes(last) ? last : undefined
}

/** A passage as an answer shows it: below the heading that it leans on, and a wide row without the other cells. */
export function shownFor<Item extends SourcePassage>(passage: Item, question: string): Item {
  const heading = askedHeading(passage, question)
  if (heading !== undefined) return { ...passage, text: `${heading}: ${passage.text}` }
  const cells = passage.kind === 'row' ? passage.text.split(CELL_START) : []
  if (cells.length <= MAX_CELLS) return passage
  const asked = new Set(queryTerms(question))
  const isNamed = (cell: string) => termsOf(cell.split(': ')[0]!).some((term) => asked.has(term))
  const named = cells.filter((cell, at) => at < FIRST_CELLS || isNamed(cell))
  const some = named.length > FIRST_CELLS ? named : cells.slice(0, MAX_CELLS)
  return { ...passage, text: `${some.join(', ')} (${cells.length - some.length} more columns)` }
}
