import { queryTerms, termsOf } from '../../text/terms.ts'
import type { SourcePassage } from '../reading/reading.ts'
import { isNegated, type Wanted } from './about.ts'
import { type QuestionType, SPELLED } from './question-type.ts'
import { lackedWords } from './subject.ts'

/** A passage with what it says for itself, and when its text was written, if that is known. */
export type JudgedPassage = {
  readonly passage: SourcePassage
  /** the passage with its context */
  readonly shown: readonly SourcePassage[]
  readonly whole: string
  /** the terms of its own sentence, and with those of its heading */
  readonly said: ReadonlySet<string>
  readonly own: ReadonlySet<string>
  /** words of the subject that it does not have */
  readonly lacked: readonly string[]
  /** whether it says the opposite of what the question asks about */
  readonly isContrary: boolean
  readonly at?: number
}

/** Two statements about the same: the newer one first. `isOrdered`: it is known which one is newer. */
export type Pair = { readonly first: JudgedPassage; readonly other: JudgedPassage; readonly isOrdered: boolean }

/** Words of a sentence that ends what was true before. */
const CHANGED =
  /\b(?:no longer|not any ?more|anymore|now|nowadays|currently|meanwhile|since (?:then|\d{4})|as of|replaced by|renamed|became|has become|(?:was |were |been )?(?:changed|raised|lowered|increased|reduced|switched|extended|shortened) (?:[^.;]{1,50}? )?to|(?:is|are) (?:the|our|my) new|(?:was|were) (?:elected|appointed)|succeed(?:s|ed)?)\b/iu
const MOVED =
  /\b(?:moved?|moving|moves|relocated?|transferred)(?: (?:back|away|house|home|again|from [\p{L} ]{1,30}?))? (?:in)?to\b/iu
const ENDED =
  /(?<!\b(?:is|are|be|stays?|remains?) )\b(?:left|quit|resigned|retired|sold|closed|ended|stopped|gave up|cancelled|dismantled|demolished)\b/i
const ASKS_PAST = /\b(?:was|were|did|had|before|originally|formerly|previously|used to|old|former|previous|first)\b/i

/** The pair that the best statement belongs to, if another one says something else about the same. */
export function pairOf(
  best: JudgedPassage,
  others: readonly JudgedPassage[],
  wanted: Wanted,
  type: QuestionType,
): Pair | undefined {
  if (!ASKS_PAST.test(wanted.question))
    for (const other of others) {
      if (supersedes(other, best, wanted, type)) return { first: other, other: best, isOrdered: true }
      if (supersedes(best, other, wanted, type)) return { first: best, other, isOrdered: true }
    }
  const rival = others.find((other) => contradicts(best, other, wanted, type))
  if (!rival) return undefined
  const [one, two] = [timeOf(best), timeOf(rival)]
  if (one === undefined || two === undefined || one === two) return { first: best, other: rival, isOrdered: false }
  return one > two ? { first: best, other: rival, isOrdered: true } : { first: rival, other: best, isOrdered: true }
}

/** Whether a sentence says that what the other one says has changed. */
function supersedes(newer: JudgedPassage, older: JudgedPassage, wanted: Wanted, { isIn, rest }: QuestionType): boolean {
  const { subject, question } = wanted
  // `the price of tea` and `tea costs`: the words for the kind of value differ
  const terms = queryTerms(rest)
  const isBare = !CHANGED.test(older.whole) && !MOVED.test(older.whole) && !ENDED.test(older.whole)
  if (!isBare || older.isContrary || older.lacked.length > 0 || lackedWords(subject, newer.said).length > 0)
    return false
  const asked = terms.filter((term) => older.own.has(term))
  const lacked = asked.filter((term) => !newer.said.has(term))
  const isMoved = /\bwhere\b/i.test(question) && MOVED.test(newer.whole)
  if (isMoved && isOneSpeaker(question, newer, older)) return (newer.at ?? 0) >= (older.at ?? 0)
  if (asked.length === 0 || lacked.length === asked.length) return false
  // a sentence that says little of the question was never its answer
  if (asked.length < terms.length / 2 || (isIn && !isIn(older.whole))) return false
  if (isMoved) return lacked.length <= 1
  if (CHANGED.test(newer.whole)) return lacked.length === 0 && (!isIn || isIn(newer.whole))
  // what has ended is named: `works for Acme`, `left Acme`
  const ending = termsOf(ENDED.exec(newer.whole)?.[0] ?? '')
  const value = termsOf(older.passage.text).filter((term) => !terms.includes(term) && !ending.includes(term))
  return ENDED.test(newer.whole) && lacked.length <= 1 && value.some((term) => newer.own.has(term))
}

const SPEAKER = /^\W{0,3}(?:(?:in|since|last) [^,.]{1,30}, )?(I|we)\b/i

/** Whether a question about `I` or `we` is about those who make both statements. */
function isOneSpeaker(question: string, ...statements: readonly JudgedPassage[]): boolean {
  const [, asked] = /\b(I|we)\b/i.exec(question) ?? []
  return (
    asked !== undefined &&
    statements.every(({ whole }) => SPEAKER.exec(whole)?.[1]?.toLowerCase() === asked.toLowerCase())
  )
}

/** Whether two statements answer a question equally well and differently: no word of the question tells them apart. */
function contradicts(
  best: JudgedPassage,
  other: JudgedPassage,
  { terms, isWhether }: Wanted,
  { isIn, isNumber }: QuestionType,
): boolean {
  const asked = terms.filter((term) => best.own.has(term))
  if (
    (other.isContrary && !best.isContrary) ||
    other.lacked.length > best.lacked.length ||
    asked.some((term) => !other.own.has(term))
  )
    return false
  if (isNumber) return isIn!(other.whole) && differInNumbers(best.whole, other.whole)
  if (isWhether) return isNegated(best.whole) !== isNegated(other.whole) && terms.every((term) => best.own.has(term))
  return isSameStatement(best, other, terms)
}

const MIN_SAME_WORDS = 2

/** Two sentences that begin alike, up to where they say what is asked, and end differently. */
function isSameStatement(best: JudgedPassage, other: JudgedPassage, terms: readonly string[]): boolean {
  const [one, two] = [best, other].map(({ passage }) => termsOf(passage.text.replace(/\b(?:no longer|not)\b/gi, ' ')))
  const differ = one!.findIndex((term, at) => term !== two![at])
  const asked = terms.filter((term) => best.own.has(term))
  if (differ < MIN_SAME_WORDS || differ >= two!.length || asked.length === 0) return false
  const shared = one!.slice(0, differ)
  return asked.every((term) => shared.includes(term)) || areNamesakes(best, other, terms)
}

/** Two sentences that begin with a name and answer everything asked: what differs may tell two bearers of it apart. */
function areNamesakes(best: JudgedPassage, other: JudgedPassage, terms: readonly string[]): boolean {
  const [name] = NAME.exec(best.passage.text) ?? []
  const isWhole = [best, other].every(({ own }) => terms.every((term) => own.has(term)))
  return (
    isWhole &&
    name !== undefined &&
    other.passage.text.startsWith(name) &&
    termsOf(name).every((term) => terms.includes(term))
  )
}

/** A name of several words at the beginning. */
const NAME = /^\p{Lu}[\p{L}.’'-]*(?: \p{Lu}[\p{L}.’'-]*)+/u

/** Numbers with the word behind them, which says what they count. */
const NUMBER = /(?<![\w.,])(\d(?:[\d.,:-]*\d)?)(?:\s?(\p{L}+|[%°€$£]))?/gu

/** `two years` and `every year` as `2 years` and `1 year`. */
const inDigits = (text: string): string =>
  text
    .replace(/\b(?:every|each|one) (?=(?:minute|hour|day|night|week|month|year)\b)/gi, '1 ')
    .replace(/\b[a-z]{3,9}\b/gi, (word) => {
      const at = SPELLED.indexOf(word.toLowerCase())
      // `one` is seldom a number
      return at < 1 ? word : String(at + 1)
    })

/** Whether both texts have numbers of one unit, and none in common. */
function differInNumbers(one: string, two: string): boolean {
  const [first, second] = [one, two]
    .map(inDigits)
    .map((text) =>
      [...text.matchAll(NUMBER)].map(([, number, unit = '']) => ({ number, unit: termsOf(unit)[0] ?? '' })),
    )
  const isShared = first!.some(({ number }) => second!.some((other) => other.number === number))
  return !isShared && first!.some(({ unit }) => second!.some((other) => other.unit === unit))
}

/** When a statement was made: by the year that it names, else by the day above it, else by its text. */
function timeOf({ whole, passage, at }: JudgedPassage): number | undefined {
  const years = [...whole.matchAll(/\b(?:in|since|as of|from) (?:\p{L}+ )?((?:19|20)\d\d)\b/giu)].map(([, year]) =>
    Date.UTC(Number(year)),
  )
  return years.length > 0 ? Math.max(...years) : (dayIn(passage.heading) ?? at)
}

const DAY =
  /\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}(?: \d{4})?\b/g

/** The last day that a heading names, such as `Minutes of 3 May`: days without a year are compared as those of one. */
function dayIn(heading: string): number | undefined {
  const day = heading.match(DAY)?.at(-1)
  const at = day === undefined ? Number.NaN : Date.parse(/\d{4}/.test(day) ? `${day} UTC` : `${day} 2000 UTC`)
  return Number.isNaN(at) ? undefined : at
}
