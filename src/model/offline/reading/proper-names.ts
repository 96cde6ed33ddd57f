import { linesOf } from '../../text/blocks.ts'
import { nameToWords } from '../../text/terms.ts'
import { type FormMatch, findMatches, nearestMatch } from './candidates.ts'
import type { IndexedDocuments } from './reading.ts'

/** A capital letter at the start of a sentence, a month or a day does not make a name. */
const NOT_A_NAME =
  'The|This|That|If|You|For|In|An?|It|Please|Copyright|Licen[sc]e|Note|All|And|To|We|Our|By|On|From|At|No|Hello|Dear|' +
  '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December'
const FIRST = "(?:\\p{Lu}\\p{Ll}[\\p{L}\\p{N}'’&-]{0,40}|\\p{Lu}\\.|\\p{Lu}{2,3}(?= \\p{Lu}))"
const NEXT = "(?:\\p{Lu}\\.|\\p{Lu}[\\p{L}\\p{N}'’&-]{0,40}|(?:of|the|for|&)(?= (?:the )?\\p{Lu}))"
const NAME = new RegExp(`(?<!\\p{L})(?!(?:${NOT_A_NAME})(?![\\p{L}.]))${FIRST}(?: ${NEXT}){0,5}`, 'gu')
const PLACED = /\b(?:in|at|from|near)\s+$|,\s*$/i

/** Words before names of the requested kind. */
const LEADS: readonly (readonly [asked: RegExp, lead: RegExp])[] = [
  [/\b(?:author|writer|wrote|creator)\b/i, /\bby\s+$/i],
  [/\bsender\b/i, /^from:\s+$/im],
  [/\b(?:recipient|customer)\b/i, /\bto:\s+$/i],
  [/\b(?:holder|author|owner)\b/i, /(?:\(c\)|©)[\s\d,–-]*(?:the )?$/i],
  [/\breport/i, /\bthanks to\s+$/i],
]
const MAX_LEAD_LENGTH = 40
const MAX_TITLE_LENGTH = 120
/** Characters of a text in which its title is searched. */
const MAX_TITLE_POSITION = 1000
const NO_TITLE = /[.!?:;,]$|^[\w ]{1,30}[:=]/
const CODE = '(?:\\s+(?:no\\.?|number|nr\\.?|code|id|confirmation))?[\\s:#]{1,3}(?=[\\w-]*\\d)([\\w-]{1,40})'

/** The requested name of a person or thing, found by the words around it; undefined: none is related to the request. */
export function findName(reading: IndexedDocuments, question: string): FormMatch | undefined {
  const names = findNames(reading)
  const led = names.find((name) => LEADS.some(([asked, lead]) => asked.test(question) && lead.test(before(name))))
  const best = led ? undefined : nearestMatch(names, question)
  return led ?? (best && best.nearness > 0 ? best.candidate : undefined)
}

/** The requested place: the first best name after `in` or `from`, or at the end of an address. */
export function findPlace(reading: IndexedDocuments, question: string): FormMatch | undefined {
  return nearestMatch(
    findNames(reading).filter((name) => PLACED.test(before(name))),
    question,
  )?.candidate
}

const findNames = (reading: IndexedDocuments): readonly FormMatch[] => findMatches(reading, NAME)

function before({ excerpt, start }: FormMatch): string {
  const from = start - excerpt.start
  const text = excerpt.text.slice(Math.max(0, from - MAX_LEAD_LENGTH), from)
  return text.slice(text.lastIndexOf('\n') + 1)
}

/** The first line without marks and text in brackets, if it is not a sentence and more text follows. */
export function findTitle(reading: IndexedDocuments): FormMatch | undefined {
  const [excerpt] = reading.excerpts
  if (!excerpt) return undefined
  const [line, ...others] = linesOf(excerpt.text.slice(0, MAX_TITLE_POSITION)).filter(({ text }) => text.trim() !== '')
  const value = line?.text
    .replace(/^\s*#{1,6} /, '')
    .replace(/ \([^()]{0,80}\)$/, '')
    .trim()
  if (!line || !value || others.length === 0 || value.length > MAX_TITLE_LENGTH || NO_TITLE.test(value))
    return undefined
  const start = excerpt.start + line.start + line.text.indexOf(value)
  return { value, excerpt, document: excerpt.document, start, end: start + value.length }
}

/** The number after a word: `room 207`, `Order No. 88-231`. */
export function findCode(reading: IndexedDocuments, words: string): FormMatch | undefined {
  const named = nameToWords(words)
    .split(' ')
    .filter((word) => word.length > 2 && !/^(?:the|number|code)$/.test(word))
  for (const word of named) {
    const [first] = findBehind(reading, word)
    if (first) return first
  }
  return undefined
}

function findBehind(reading: IndexedDocuments, word: string): FormMatch[] {
  const form = new RegExp(`\\b${word}${CODE}`, 'gi')
  return findMatches(reading, form).flatMap((found) => {
    const value = new RegExp(form, 'i').exec(found.value)?.[1]
    return value === undefined ? [] : [{ ...found, value, start: found.end - value.length }]
  })
}
