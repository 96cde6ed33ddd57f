import { oppositesOf } from '../../text/opposites.ts'
import { queryTerms, termsOf } from '../../text/terms.ts'
import type { SourcePassage } from '../reading/reading.ts'
import { KIND } from './asked-words.ts'
import { leansOnOther } from './neighbours.ts'
import type { QuestionType } from './question-type.ts'
import { lackedWords, subjectOf } from './subject.ts'

/** The parts of a question that an answer is compared with. */
export type Wanted = {
  readonly question: string
  readonly terms: readonly string[]
  readonly subject: readonly string[]
  readonly quoted: readonly string[]
  /** `files` of `how many files` and `which files` */
  readonly thing?: string
  readonly isWhether: boolean
}

const THING =
  /\b(?:how many|which|what) (?!(?:is|are|was|were|do|does|did|has|have|can|may|must|happens)\b)(\p{Ll}[\p{L}-]{2,})\b/iu
const QUOTED = /["“«`]([^"“”«»`]{1,40})["”»`]|(?<!\p{L})['‘]([^'‘’]{1,40})['’](?!\p{L})/gu
const BEFORE = /\b(before|after)\b/i

export function readWanted(question: string, { rest, isForm, isWhether }: QuestionType): Wanted {
  const [, thing] = THING.exec(question) ?? []
  const asked = new Set(termsOf(rest))
  return {
    question,
    terms: queryTerms(question),
    // a word that names the kind of the value is said in other words
    subject: subjectOf(question).filter((word) => termsOf(word).some((term) => asked.has(term))),
    quoted: [...question.matchAll(QUOTED)].map(([, one, other = one]) => other!),
    ...(thing !== undefined && !isForm && !KIND.test(thing) && { thing }),
    isWhether,
  }
}

/** The terms that a passage says for itself, with those of the sentence before if it has no subject. */
export function saidTerms(
  { block, document, text }: SourcePassage,
  also: readonly SourcePassage[],
  before: SourcePassage | undefined,
): ReadonlySet<string> {
  const isLeaning = before && before.block === block && before.document === document && leansOnOther(text)
  return new Set(termsOf([isLeaning ? before.text : '', text, ...also.map((one) => one.text)].join('\n')))
}

/** The terms above a passage. The heading of a row names all columns, also those that the row does not fill. */
export const headingTerms = ({ kind, text, heading }: SourcePassage): readonly string[] =>
  kind === 'row' && text.includes(': ') ? [] : termsOf(heading)

/** The words of the subject, and the quoted ones, that a passage does not have. */
export function lackedBy({ subject, quoted }: Wanted, own: ReadonlySet<string>): readonly string[] {
  return [...lackedWords(subject, own), ...quoted.filter((words) => lackedWords(words.split(/\s+/), own).length > 0)]
}

/** Whether a text says the opposite of the question: `old` for `new`, `before` for `after`, `not allowed`. */
export function isContrary({ question, terms, isWhether }: Wanted, text: string, own: ReadonlySet<string>): boolean {
  if (isTurned(question, text)) return true
  if (isWhether) return false
  const isOpposed = terms.some((term) => !own.has(term) && oppositesOf(term).some((other) => own.has(other)))
  return isOpposed || (!isNegated(question) && negates(terms, text, 2))
}

const NEGATION = /\b(?:no|not|never|cannot|nor)\b|n['’]t\b/i
export const isNegated = (text: string): boolean => NEGATION.test(text)

/** `before` for `after`, or the other way round. */
function isTurned(question: string, text: string): boolean {
  const word = BEFORE.exec(question)?.[1]?.toLowerCase()
  if (word === undefined) return false
  const other = word === 'before' ? 'after' : 'before'
  const has = (one: string) => new RegExp(`\\b${one}\\b`, 'i').test(text)
  return has(other) && !has(word)
}

/** A negation with the words that it may be about. */
const NEGATED = /(?:\b(?:not|never|cannot|no longer)|n['’]t)(?=((?:\s+[\p{L}'’-]+){1,5}))/giu

/**
 * Whether a text says that something of these terms is not so, in at most so many words behind a negation: `is not
 * allowed` says nothing about where it is.
 */
export const negates = (terms: readonly string[], text: string, words: number): boolean =>
  [...text.matchAll(NEGATED)].some(([, behind = '']) =>
    termsOf(behind.trim().split(/\s+/).slice(0, words).join(' ')).some((term) => terms.includes(term)),
  )

/** The end of a row that names the columns without a cell. */
const ABSENT_CELLS = /(?<!\s)\s*\(no [^()]*\)$/

/** Whether a question names a column of a table that a row does not name with its cells: the cell may be missing. */
export function lacksColumn({ kind, heading, text }: SourcePassage, terms: readonly string[]): boolean {
  if (kind !== 'row') return false
  const columns = new Set(termsOf(heading))
  const own = new Set(termsOf(text.replace(ABSENT_CELLS, '')))
  return terms.some((term) => columns.has(term) && !own.has(term))
}
