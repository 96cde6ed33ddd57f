import type { Document } from '../../prompt/task.ts'
import { termsOf } from '../../text/terms.ts'
import type { IndexedDocuments } from '../reading/reading.ts'
import { COUNTABLE_UNITS, countUnits } from './count.ts'
import { findNumber } from './number.ts'
import { referencedDocuments, type TextQuestion, toSentence } from './question.ts'

const YES = /^(?:is |are |was )?["'`]?(true|yes|false|no)["'`]?(?: (?:true|the case))?[?.!]?$/i
const EMPTY = /^(?:is|are|was|were)\b(.*?)\b(not )?(?:empty|blank)[?.!]?$/i
const SAME = /^(?:is|are|was|were) (.{1,80}?) (not )?(?:equal to|the same as|==) ["'`]?(.{1,80}?)["'`]?[?.!]?$/i

/** Whether a statement is true: by numbers, by literal text, or by presence. Undefined: it is not certain. */
export function decideByFacts(posed: TextQuestion, reading: IndexedDocuments): boolean | undefined {
  const answer =
    saysItself(posed) ?? isEmpty(posed) ?? isMentioned(posed) ?? compareNumbers(posed, reading) ?? isSame(posed)
  return answer ?? decideParts(posed, reading)
}

function saysItself(posed: TextQuestion): boolean | undefined {
  const said = YES.exec(toSentence(posed))?.[1]?.toLowerCase()
  return said === undefined ? undefined : said === 'true' || said === 'yes'
}

/** Empty texts are not passed on at all. */
function isEmpty({ question, documents }: TextQuestion): boolean | undefined {
  const asked = EMPTY.exec(question.replace(/\s+/g, ' ').trim())
  if (!asked) return undefined
  const named = referencedDocuments(asked[1]!, documents)
  const texts = named.length > 0 ? named : documents
  const isNothing = texts.every(({ text }) => /^(?:\[\s*\]|\{\s*\}|""|null)?$/.test(text.trim()))
  return isNothing !== (asked[2] !== undefined)
}

function isSame(posed: TextQuestion): boolean | undefined {
  const [, one, not, other] = SAME.exec(toSentence(posed)) ?? []
  if (one === undefined || other === undefined || /\[document/.test(one + other)) return undefined
  const plain = (text: string) => text.replace(/["'`]/g, '').trim().toLowerCase()
  return (plain(one) === plain(other)) !== (not !== undefined)
}

/** Two questions in one: both have certain answers, or one answer settles both. */
function decideParts({ question, documents }: TextQuestion, reading: IndexedDocuments): boolean | undefined {
  const [, first, word, second] =
    /^(.{3,}?)[,;]?(?<!\s)\s+(and|or)\s+((?:is|are|was|were|does|do|did|has|have)\b.{3,})$/is.exec(question) ?? []
  if (first === undefined || second === undefined) return undefined
  const parts = [first, second].map((part) => decideByFacts({ question: part, documents }, reading))
  const settling = word!.toLowerCase() === 'or'
  if (parts.includes(settling)) return settling
  return parts.includes(undefined) ? undefined : !settling
}

const VERB = /\b(does not |doesn['’]t |do not |don['’]t |not )?(?:mention|contain|include)(?:s|ed|ing)?\b/i
const QUOTED = /["'“‘`]([^"'”’`]{1,200})["'”’`]/
const FILLER = /^(?:any|the|a|an|some|word|words|phrase|term|text|name|of)\s+/i
const MIN_TERM_LENGTH = 2

/** Whether a text mentions something, with all its words; undefined when the question does not ask that. */
function isMentioned({ question, documents }: TextQuestion): boolean | undefined {
  const verb = VERB.exec(question)
  if (!verb) return undefined
  const left = question.slice(0, verb.index)
  const right = question.slice(verb.index + verb[0].length)
  const object = objectIn(toSentence({ question: right, documents }))
  const text = textsMeant(left, right, documents)
  if (object.wanted.length < MIN_TERM_LENGTH || text === undefined) return undefined
  const isThere = object.wanted.split(/(?<!\s)\s+or\s+/i).some((one) => holds(text, one))
  return isThere !== ((verb[1] !== undefined) !== object.negated)
}

function objectIn(text: string): { readonly wanted: string; readonly negated: boolean } {
  const clause = text.split(/[?;]|,\s*(?:by|in|as)\b/)[0]!.trim()
  const negated = /^no\s+/i.test(clause)
  let wanted = negated ? clause.replace(/^no\s+/i, '') : clause
  while (FILLER.test(wanted)) wanted = wanted.replace(FILLER, '')
  return { wanted, negated }
}

/** The texts before the verb, or the quoted text there, else everything except the texts after the verb. */
function textsMeant(left: string, right: string, documents: readonly Document[]): string | undefined {
  const before = referencedDocuments(left, documents)
  const quoted = QUOTED.exec(left)?.[1]
  if (before.length === 0 && quoted !== undefined) return quoted
  const after = new Set(referencedDocuments(right, documents))
  const meant = before.length > 0 ? before : documents.filter((document) => !after.has(document))
  return meant.length === 0 ? undefined : meant.map(({ text }) => text).join('\n')
}

/** A quoted text must occur literally, other words in any form. */
function holds(text: string, wanted: string): boolean {
  const quoted = QUOTED.exec(wanted)?.[1]
  if (quoted !== undefined) return text.toLowerCase().includes(quoted.toLowerCase())
  const held = new Set(termsOf(text))
  const terms = termsOf(wanted.replace(/\band\b/gi, ' '))
  return terms.length > 0 ? terms.every((term) => held.has(term)) : text.toLowerCase().includes(wanted.toLowerCase())
}

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
function compareNumbers(posed: TextQuestion, reading: IndexedDocuments): boolean | undefined {
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
