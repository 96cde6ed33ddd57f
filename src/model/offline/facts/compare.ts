import type { IndexedDocuments } from '../reading/reading.ts'
import { COUNTABLE_UNITS, countUnits } from './count.ts'
import { findNumber } from './number.ts'
import { type TextQuestion, toSentence } from './question.ts'

/** Words for comparing numbers. The first match counts, so longer phrases come before the phrases that they contain. */
const WORDS: readonly (readonly [words: RegExp, compare: (a: number, b: number) => boolean])[] = [
  [
    /\b(?:greater|larger|bigger|higher|more) than or equal to\b|\bat least\b|\bno(?:t)? (?:less|fewer) than\b|>=|≥/,
    (a, b) => a >= b,
  ],
  [/\b(?:less|smaller|lower|fewer) than or equal to\b|\bat most\b|\bno(?:t)? more than\b|<=|≤/, (a, b) => a <= b],
  [/\bnot equal to\b|\bdifferent from\b|!=|≠/, (a, b) => a !== b],
  [/\b(?:greater|larger|bigger|higher|longer|more) than\b|\babove\b|\bover\b|\bexceeds?\b|>/, (a, b) => a > b],
  [/\b(?:less|smaller|lower|fewer|shorter) than\b|\bbelow\b|\bunder\b|</, (a, b) => a < b],
  [/\b(?:is |be )?exactly\b|\bequal to\b|\bequals?\b|={1,3}|\bthe same as\b/, (a, b) => a === b],
]
const BETWEEN = /\bbetween\b/i
const NUMBER = /(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?%?(?!\w)/g

/** Compares two numbers of the question, or one with a number of the text. Undefined: it is not a comparison. */
export function compareNumbers(posed: TextQuestion, reading: IndexedDocuments): boolean | undefined {
  const said = toSentence(posed).toLowerCase()
  const between = BETWEEN.exec(said)
  if (between) return isBetween(said, between.index, posed, reading)
  const found = WORDS.map(([words, compare]) => ({ match: words.exec(said), compare })).find(({ match }) => match)
  if (!found?.match) return undefined
  const { match, compare } = found
  const before = said.slice(0, match.index)
  const after = said.slice(match.index + match[0].length)
  const [limit, ...others] = numbersIn(after)
  if (limit === undefined || others.length > 0) return undefined
  const value = valueBefore(before, after, posed, reading)
  return value === undefined ? undefined : compare(value, limit) !== /\bnot\s*$/.test(before)
}

function isBetween(said: string, at: number, posed: TextQuestion, reading: IndexedDocuments): boolean | undefined {
  const [low, high, ...others] = numbersIn(said.slice(at))
  const value =
    low === undefined || high === undefined || others.length > 0
      ? undefined
      : valueBefore(said.slice(0, at), '', posed, reading)
  return value === undefined ? undefined : value >= low! && value <= high! !== /\bnot\s*$/.test(said.slice(0, at))
}

/** The left side of a comparison: the number before it, of units in the text, or with that name. */
function valueBefore(
  before: string,
  after: string,
  posed: TextQuestion,
  reading: IndexedDocuments,
): number | undefined {
  const [value, ...others] = numbersIn(before)
  if (others.length > 0) return undefined
  if (value !== undefined) return value
  const unit = COUNTABLE_UNITS.exec(after)?.[0]
  if (unit !== undefined) return countUnits(unit, posed.documents)
  return findNumber(before, reading)
}

const numbersIn = (text: string) => (text.match(NUMBER) ?? []).map(read)
const read = (digits: string) => Number(digits.replace(/[,%]/g, ''))
