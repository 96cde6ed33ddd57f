import type { Json } from '../../kernel/schema.ts'
import { WRAPPED } from '../bare.ts'
import type { JsonSchema, Task } from '../task.ts'
import { ABOUT } from './answer.ts'
import { type Candidate, FORMS, findAll, formAskedFor, nearest } from './candidates.ts'
import { chooseFrom } from './choose.ts'
import { decideQuestion } from './decide.ts'
import { unnamed } from './facts/question.ts'
import type { Quote } from './finding.ts'
import { type KeyLine, lineFor } from './keys.ts'
import type { Reading } from './reading.ts'
import { limit } from './shape.ts'
import { summarise } from './summarise.ts'
import { wordsOf } from './terms.ts'

/** A value and where it was found; without `value` nothing was. */
export type Filled = { readonly value?: Json; readonly confidence: number; readonly quotes: readonly Quote[] }

/** What is to be filled: the name and schema of a property, what it is part of, and the text with its key lines. */
export type Blank = {
  readonly name: string
  readonly schema: JsonSchema
  readonly root: JsonSchema
  readonly task: Task
  readonly reading: Reading
  readonly lines: readonly KeyLine[]
  readonly depth: number
}

/** Nothing was found. */
export const UNKNOWN: Filled = { confidence: 0, quotes: [] }

const NAME_WORDS = /\b(?:name|title|author|holder|owner|company|person|who|maintainer|organi[sz]ation|vendor)\b/
/** Names of properties that want the gist of the text. */
export const SUMMARY_WORDS =
  /\b(?:summary|overview|abstract|gist|description|tl;?dr|insights?|points?|findings?|highlights?|takeaways?)\b/
const TELLING: readonly RegExp[] = [FORMS.email, FORMS.url, FORMS.version, FORMS.date]
const SPOKEN_NAME = /(?:[A-Z][a-z][\w'’.&-]{0,40}|[A-Z]\.)(?: (?:[A-Z][\w'’&-]{0,40}|[A-Z]\.|of|the|for|&)){0,5}/g
const NOT_A_NAME = /^(?:the|this|that|if|you|for|in|a|an|it|please|copyright|licen[sc]e|note|all|and|to|we|our|by|on)$/i

/** What a property is asked by: its name in words and its description. */
export function questionOf({ name, schema, task }: Blank): string {
  const description = typeof schema.description === 'string' ? schema.description : ''
  // the name of a wrapped value says nothing
  if (name === WRAPPED) return unnamed(task.question ?? description)
  return `${wordsOf(name)} ${description}`.trim()
}

/** One of the allowed values: that of the key line, the only one the text names, or the one that fits best. */
export async function fillEnum(blank: Blank): Promise<Filled> {
  const allowed = (blank.schema.enum as readonly Json[]).slice(0, 200)
  const line = lineFor(blank.name, blank.lines)
  const said = allowed.find((value) => String(value).toLowerCase() === line?.value.toLowerCase())
  if (line && said !== undefined) return found(said, line, 0.7)
  const named = allowed.filter((value) => names(blank.reading, String(value)))
  if (named.length === 1) return { value: named[0]!, confidence: 0.6, quotes: [] }
  const choices = Object.fromEntries(allowed.map((value) => [String(value), blank.task.choices?.[String(value)] ?? '']))
  const chosen = await chooseFrom(choices, blank.reading)
  if (chosen.refused !== undefined) return UNKNOWN
  return {
    value: allowed.find((value) => String(value) === chosen.text) ?? null,
    confidence: chosen.confidence,
    quotes: [],
  }
}

function names(reading: Reading, value: string): boolean {
  const word = new RegExp(`(?<![\\p{L}\\p{N}])${escapePattern(value)}(?![\\p{L}\\p{N}])`, 'iu')
  return reading.excerpts.some(({ text }) => word.test(text))
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** True or false by the key line, else by the passage closest to the property's name and description. */
export async function fillBoolean(blank: Blank): Promise<Filled> {
  const line = lineFor(blank.name, blank.lines)
  const said = line && /^(?:(true|yes|on)|false|no|off)$/i.exec(line.value)
  if (line && said) return found(said[1] !== undefined, line, 0.7)
  const decided = await decideQuestion(questionOf(blank), blank.reading)
  if (decided.refused !== undefined) return UNKNOWN
  return { value: decided.text === 'yes', confidence: decided.confidence, quotes: decided.quotes }
}

/** The number of the key line, else the one with the property's words around it; only one the schema allows. */
export function fillNumber(blank: Blank): Filled {
  const line = lineFor(blank.name, blank.lines)
  const stated = line && readNumber(line.value, blank.schema)
  if (line && stated !== undefined) return found(stated, line, 0.7)
  // one that was asked for alone was looked for before, with more care
  if (blank.name === WRAPPED) return UNKNOWN
  const allowed = findAll(blank.reading, FORMS.number).filter(
    ({ value }) => readNumber(value, blank.schema) !== undefined,
  )
  const best = nearest(allowed, questionOf(blank))
  return best && best.nearness > 0
    ? found(readNumber(best.candidate.value, blank.schema)!, best.candidate, 0.3 + 0.1 * best.nearness)
    : UNKNOWN
}

/** The number at the start of a text, `1,200` and `$3.50` included, when the schema allows it. */
export function readNumber(text: string, schema: JsonSchema): number | undefined {
  const digits = /^[$€£]? ?([-+]?\d[\d,]{0,20}(?:\.\d{1,12})?)(?![\w.]*\d)/.exec(text)?.[1]
  const value = Number(digits?.replaceAll(',', ''))
  if (digits === undefined || !Number.isFinite(value)) return undefined
  if (schema.type === 'integer' && !Number.isInteger(value)) return undefined
  return value < (limit(schema, 'minimum') ?? -Infinity) || value > (limit(schema, 'maximum') ?? Infinity)
    ? undefined
    : value
}

/** A text by its form, its key line, as a summary, as a name, or the passage that is about it: the first that gives one. */
export async function fillString(blank: Blank): Promise<Filled> {
  const { reading } = blank
  const question = questionOf(blank)
  const form = formOf(blank.schema, question)
  const line = lineFor(blank.name, blank.lines)
  if (line && (form === undefined || line.value.search(form) !== -1)) return found(line.value, line, 0.7)
  if (form) return fillNearest(findAll(reading, form), question, form)
  if (SUMMARY_WORDS.test(question)) return fillSummary(reading, question)
  if (NAME_WORDS.test(question))
    return fillNearest(
      findAll(reading, SPOKEN_NAME).filter(({ value }) => !NOT_A_NAME.test(value)),
      question,
    )
  return fillPassage(reading, question)
}

/** A text that is asked for as a number (of a telephone, of a house) is no number of the text. */
function formOf(schema: JsonSchema, question: string): RegExp | undefined {
  if (schema.format === 'email') return FORMS.email
  if (schema.format === 'uri' || schema.format === 'url') return FORMS.url
  if (schema.format === 'date') return FORMS.date
  const asked = formAskedFor(question)
  return asked === FORMS.number ? undefined : asked
}

/** The candidate with the property's words around it; without any, the only one, where its form alone says what it is. */
function fillNearest(candidates: readonly Candidate[], question: string, form?: RegExp): Filled {
  const best = nearest(candidates, question)
  const telling = candidates.length === 1 && form !== undefined && TELLING.includes(form)
  if (!best || (best.nearness === 0 && !telling)) return UNKNOWN
  return found(best.candidate.value.replace(/[.,]$/, ''), best.candidate, 0.3 + 0.1 * best.nearness)
}

async function fillSummary(reading: Reading, question: string): Promise<Filled> {
  const count = /\b(?:one|single)\b/.test(question) ? 1 : 2
  const { text, confidence, quotes, refused } = await summarise({ kind: 'summarise', count }, reading)
  return refused === undefined ? { value: text, confidence, quotes } : UNKNOWN
}

async function fillPassage(reading: Reading, question: string): Promise<Filled> {
  const best = (await reading.rank(question, 1))[0]
  return best && best.score >= ABOUT ? found(best.text, best, 0.5 * best.score) : UNKNOWN
}

function found(value: Json, { document, start, end }: Quote, confidence: number): Filled {
  return { value, confidence, quotes: [{ document, start, end }] }
}
