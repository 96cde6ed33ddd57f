import { type Json, tryParseExact } from '../../../kernel/json.ts'
import type { Document } from '../../prompt/task.ts'
import { readBlocks } from '../../text/blocks.ts'
import { sentenceRanges } from '../../text/sentences.ts'

/** Units that can be counted in any text, at the end of a question. */
export const COUNTABLE_UNITS =
  /\b(?:words?|characters?|letters?|lines?|sentences?|paragraphs?|items?|entries|entry|elements?|points?|bullets?)\b/i

/** A request for a new text does not count the existing one. */
const WISH =
  /\b(?:should|shall|needed|need to|to (?:use|write|generate|allow|spend)|may|allowed|recommended?|suggest)\b/i
const HOW_MANY = /\b(?:how many|(?:the )?(?:number|count) of)\s+([\w-]+)/i

/** The number of things of the requested kind in the texts; undefined when the question asks for no count. */
export function countIfAsked(question: string, documents: readonly Document[]): number | undefined {
  const unit = WISH.test(question) ? undefined : HOW_MANY.exec(question)?.[1]
  if (unit === undefined || documents.length === 0) return undefined
  return COUNTABLE_UNITS.test(unit) ? countUnits(unit, documents) : findList(documents)?.length
}

export function countUnits(unit: string, documents: readonly Document[]): number {
  return documents.reduce((sum, document) => sum + countIn(unit.toLowerCase(), document), 0)
}

function countIn(unit: string, document: Document): number {
  const { text } = document
  if (/^word/.test(unit)) return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’_-]*/gu)?.length ?? 0
  if (/^(?:character|letter)/.test(unit)) return [...text.trim()].length
  if (/^line/.test(unit)) return text.split('\n').filter((line) => line.trim() !== '').length
  const blocks = readBlocks(text)
  if (/^sentence/.test(unit)) return blocks.reduce((sum, block) => sum + sentenceRanges(text, block).length, 0)
  if (/^paragraph/.test(unit)) return blocks.filter(({ kind }) => kind === 'paragraph').length
  return findList([document])?.length ?? blocks.filter(({ kind }) => kind === 'item' || kind === 'row').length
}

/** The list that the only text holds as JSON, or its only list. */
export function findList([document, ...others]: readonly Document[]): readonly Json[] | undefined {
  if (!document || others.length > 0) return undefined
  const value = /^\s*[[{]/.test(document.text) ? (tryParseExact(document.text) as Json | undefined) : undefined
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return undefined
  const [list, ...more] = Object.values(value).filter((item) => Array.isArray(item))
  return more.length > 0 ? undefined : list
}
