import type { Json } from '../../../kernel/json.ts'
import { termsOf } from '../../text/terms.ts'
import type { IndexedDocuments } from '../reading/reading.ts'
import { findList } from './count.ts'
import type { TextQuestion } from './question.ts'

/** Words that introduce an enumeration; a word of the question does so as well. */
const LEADS = /^(?:.*:|are|were|is|was|includ(?:es?|ing)|as|namely|of|from)$/i
const SEPARATOR = /,\s+(?:(?:and|or)\s+)?|(?<!\s)\s+(?:and|or)\s+/i
const MAX_ITEM_WORDS = 6
const NO_TERMS: ReadonlySet<string> = new Set()

/** The list that a text is (as JSON or lines) or enumerates once; undefined when there is none, or more than one. */
export async function listByFacts(
  { question, documents }: TextQuestion,
  reading: IndexedDocuments,
): Promise<readonly Json[] | undefined> {
  const whole = findList(documents)
  if (whole) return whole
  if (documents.length === 0) return enumerated(question, NO_TERMS)
  const { passages } = reading
  if (passages.length > 1 && passages.every(({ kind }) => kind === 'item')) return passages.map(({ text }) => text)
  const asked = new Set(termsOf(question))
  const found = passages.flatMap(({ text }) => {
    const items = enumerated(text, asked)
    return items ? [{ items, about: termsOf(text).some((term) => asked.has(term)) }] : []
  })
  const about = found.filter((one) => one.about)
  const meant = about.length > 0 ? about : found
  return meant.length === 1 ? meant[0]!.items : undefined
}

/** `… are a, b and c`, in one clause. */
function enumerated(sentence: string, asked: ReadonlySet<string>): readonly string[] | undefined {
  const lists = sentence.split(/[;!?\n]|\.(?:\s|$)/).map((clause) => itemsIn(clause.trim(), asked))
  return lists.find((items) => items !== undefined)
}

function itemsIn(clause: string, asked: ReadonlySet<string>): readonly string[] | undefined {
  const [head = '', ...rest] = clause.split(SEPARATOR)
  const words = head.split(/\s+/)
  const lead = words.findLastIndex((word) => LEADS.test(word) || termsOf(word).some((term) => asked.has(term)))
  const items = [words.slice(lead + 1).join(' '), ...rest].map(plainItem)
  const isList = lead >= 0 && rest.length > 0 && (rest.length > 1 || /\s(?:and|or)\s/i.test(clause))
  return isList && items.every(isThing) ? items : undefined
}

/** A clause is not an item of a list. */
function isThing(item: string): boolean {
  const isClause = /^(?:it|they|he|she|we|this|that)\b|\b(?:is|are|was|were|has|have)\b/i.test(item)
  return item !== '' && !isClause && item.split(' ').length <= MAX_ITEM_WORDS
}

function plainItem(item: string): string {
  return item
    .replace(/^(?:the|an?)\s+/i, '')
    .replace(/["'`]/g, '')
    .trim()
}
