import { isForeign, queryTerms, termsOf } from '../../text/terms.ts'
import type { IndexedDocuments, SourcePassage } from '../reading/reading.ts'
import { contextPassages, inReadingOrder, joinQuotes, quotePassages } from '../reading/reading.ts'
import { askedHeading } from '../reading/shown.ts'
import { headingTerms, isContrary, lackedBy, lacksColumn, negates, saidTerms, type Wanted } from './about.ts'
import { KIND } from './asked-words.ts'
import { particularWords } from './particular-words.ts'
import { COUNTED_WORDS, DAY_OR_YEAR, namesOne, type QuestionType } from './question-type.ts'
import { type AnswerCandidate, wholeText } from './rank-answers.ts'
import type { JudgedPassage, Pair } from './rivals.ts'
import { lackedWords } from './subject.ts'

/** A passage gives way to one that speaks of this share of what it does, or of less if it says the opposite. */
const MIN_SHARE_SPOKEN = 0.8
const MIN_SHARE_BESIDE_CONTRARY = 0.7

/** The thing that is asked for may have another name: then the answer is right, and not sure. */
export const isDoubtful = ({ passage, own, ...of }: JudgedPassage, { thing, terms }: Wanted) =>
  hasFault(of) || (thing !== undefined && lackedWords([thing], own).length > 0) || lacksColumn(passage, terms)

const hasFault = ({ lacked, isContrary }: Pick<JudgedPassage, 'lacked' | 'isContrary'>) =>
  isContrary || lacked.length > 0

/** Makes a candidate comparable with the others: its own terms and its faults. */
export function statementOf(wanted: Wanted, reading: IndexedDocuments) {
  return (candidate: AnswerCandidate): JudgedPassage => {
    const { passages, excerpts } = reading
    const before = passages[passages.findIndex(({ id }) => id === candidate.id) - 1]
    const said = saidTerms(candidate, [...(candidate.rest ?? []), ...(candidate.also ?? [])], before)
    const own = new Set([...said, ...headingTerms(candidate), ...termsOf(candidate.question ?? '')])
    const whole = wholeText(candidate)
    const at = excerpts.find(({ document }) => document === candidate.document)?.at
    const shown = [candidate, ...(candidate.also ?? []), ...(candidate.rest ?? contextPassages(candidate, passages))]
    return {
      passage: candidate,
      shown,
      whole,
      said,
      own,
      lacked: lackedBy(wanted, own),
      // `It is not done by default. If you want it, …`: the neighbour says what to do for it
      isContrary: !candidate.also?.length && isContrary(wanted, whole, own),
      ...(at !== undefined && { at }),
    }
  }
}

/** A passage about something else gives way to one that is not, if that one speaks of the question nearly as much. */
export function aboutFirst(
  ranked: readonly AnswerCandidate[],
  { isIn }: QuestionType,
  judge: (candidate: AnswerCandidate) => JudgedPassage,
): readonly AnswerCandidate[] {
  const [first] = ranked
  const hasValue = (one: AnswerCandidate) => !isIn || isIn(wholeText(one))
  // a question is not answered because its best passage fails to answer it
  if (!first || !hasValue(first)) return ranked
  const judged = judge(first)
  if (!hasFault(judged)) return ranked
  const least = first.spoken * (judged.isContrary ? MIN_SHARE_BESIDE_CONTRARY : MIN_SHARE_SPOKEN)
  const better = ranked.find((one) => one.spoken >= least && hasValue(one) && !hasFault(judge(one)))
  return better ? [better, ...ranked.filter((one) => one !== better)] : ranked
}

export function quotePair({ first, other, isOrdered }: Pair, { passages }: IndexedDocuments) {
  const own = first.shown.filter(({ id }) => id !== other.passage.id)
  const quoted = [own, other.shown].map((shown) => quotePassages(inReadingOrder(shown, passages)))
  return joinQuotes(quoted, isOrdered ? '\nEarlier: ' : '\n')
}

/** A statement that lacks more terms of the question than these is about something else, or in other words. */
const MAX_LACKED = 1
const MAX_LACKED_SHARE = 0.4
/** The same for other languages than English, in which no kind of thing is known. */
const MAX_FOREIGN_SHARE = 0.25
const HOW_MANY = /\bhow many\s+(?:\p{L}+\s+(?:of\s+)?)??(\p{L}[\p{L}-]+)/iu
const NUMBER = new RegExp(`^(?:one|\\d[\\d,]*|${COUNTED_WORDS})$`, 'i')
const WORDS = /(?<![\w.(])\d[\d,]*(?![\w)]|\.\d)|\p{L}[\p{L}'’-]*/gu
/** How far the thing may stand behind its number, or before it. */
const MAX_BEHIND = 3
const MAX_BEFORE = 8
/** How many words behind a negation it may be about. */
const MAX_NEGATED = 5
const PLACE =
  /\b(?:in|at|on|under|near|from|behind|beside|between|above|below|inside|outside|opposite|to|into|via|next to|here|there|upstairs|downstairs)\b(?! (?:be|have|do|which|that)\b)|https?:|[\w.-]@[\w-]|\/\w/i
/** Questions that a negation may answer. */
const OPEN = /\b(?:why|how|what (?:happens|if|becomes)|not|never|no)\b|n['’]t\b/i

/**
 * Whether a statement has the words of a question, and may still not answer it: a number that counts something else, a
 * version for a date, people in general for a person, what is not so for what is.
 */
export function isWeakAnswer(
  question: string,
  { whole, own, passage }: JudgedPassage,
  { rest, isWhether }: QuestionType,
  passages: readonly SourcePassage[],
): boolean {
  const isRow = passage.kind === 'row'
  if (lackedWords(particularWords(question), own).some((word) => /^\d/.test(word) || isRare(word, passages)))
    return true
  const terms = queryTerms(rest).filter((term) => !KIND.test(term))
  const { length } = terms
  const most = isForeign(question) ? length * MAX_FOREIGN_SHARE : Math.max(MAX_LACKED, length * MAX_LACKED_SHARE)
  if (lackedWords(terms, own).length > most) return true
  if (isWhether) return false
  if (
    /^(?:since |until |by |till )?when (?:was|were|did|has|had)\b/i.test(question) &&
    !DAY_OR_YEAR.test(`${askedHeading(passage, question) ?? ''}\n${whole}`)
  )
    return true
  if (/^(?:by |to |for |with |from )?who(?:m|se)?\b/i.test(question) && !namesOne(whole, question)) return true
  if (/^(?:from )?where\b/i.test(question) && !isRow && !PLACE.test(whole) && !isName(whole)) return true
  if (!OPEN.test(question) && whole === passage.text && negates(queryTerms(rest), whole, MAX_NEGATED)) return true
  const [, thing] = HOW_MANY.exec(question) ?? []
  return thing !== undefined && !isRow && !isCounted(thing, whole)
}

/** A value of a record is a name alone: `Oslo`, `Porto, Portugal`. */
const MAX_NAME_WORDS = 4
function isName(text: string): boolean {
  const words = text.trim().split(/[\s,]+/)
  return words.length <= MAX_NAME_WORDS && words.every((word) => /^\p{Lu}/u.test(word))
}

/** A name in many passages is the subject of the whole text, which its sentences need not name. */
const MIN_NAMED = 3
function isRare(word: string, passages: readonly SourcePassage[]): boolean {
  let named = 0
  for (const { text } of passages) {
    if (lackedWords([word], new Set(termsOf(text))).length === 0) named++
    if (named === MIN_NAMED) return false
  }
  return true
}

/** Whether a number stands near a thing: `4 small boats`, `boats: up to 4`. A text without the thing tells nothing. */
function isCounted(thing: string, text: string): boolean {
  const words = text.match(WORDS) ?? []
  const things = words.flatMap((word, at) => (lackedWords([thing], new Set(termsOf(word))).length === 0 ? [at] : []))
  const numbers = words.flatMap((word, at) => (NUMBER.test(word) ? [at] : []))
  return (
    things.length === 0 ||
    things.some((at) => numbers.some((other) => other - at <= MAX_BEFORE && at - other <= MAX_BEHIND))
  )
}
