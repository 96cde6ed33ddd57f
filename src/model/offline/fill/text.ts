import type { JsonSchema } from '../../prompt/task.ts'
import { ABOUT } from '../answer/answer.ts'
import { summarise } from '../answer/summarise.ts'
import { type Candidate, FORMS, findAll, formAskedFor, nearest } from '../reading/candidates.ts'
import { codeFor, nameFor, placeFor, titleOf } from '../reading/proper-names.ts'
import type { Reading } from '../reading/reading.ts'
import { type Blank, type Filled, found, lineOf, questionOf, SUMMARY_WORDS, UNKNOWN } from './values.ts'

const NAME_WORDS =
  /\b(?:name|title|author|holder|owner|company|person|who|maintainer|organi[sz]ation|vendor|sender|customer)\b/
const PLACE_WORDS = /\b(?:city|town|place|country|location|where|region)\b/
const TITLE_WORDS = /\b(?:title|subject|headline|event|dish)\b/
const CODE_WORDS = /\b(?:number|code|id|reference)\b/
const TELLING: readonly RegExp[] = [FORMS.email, FORMS.url, FORMS.version, FORMS.date, FORMS.phone]

/** A text by its form, its key line, as a summary, a number, a place, a title or a name, or the passage that is about it: the first that gives one. */
export async function fillString(blank: Blank): Promise<Filled> {
  const { reading } = blank
  const question = questionOf(blank)
  const form = formOf(blank.schema, question)
  const line = lineOf(blank)
  if (line && (form === undefined || line.value.search(form) !== -1)) return found(line.value, line, 0.7)
  if (form) return fillNearest(findAll(reading, form), question, form)
  if (SUMMARY_WORDS.test(question)) return fillSummary(reading, question)
  return fillNamed(blank, question) ?? fillPassage(reading, question)
}

/** By what it is called; undefined: it is not asked for as a thing with a name or a number. */
function fillNamed({ name, reading }: Blank, question: string): Filled | undefined {
  const code = codeFor(reading, CODE_WORDS.test(question) ? question : name)
  if (code) return fillWith(code)
  if (CODE_WORDS.test(question)) return UNKNOWN
  if (PLACE_WORDS.test(question)) return fillWith(placeFor(reading, question))
  if (TITLE_WORDS.test(question)) return fillWith(titleOf(reading) ?? nameFor(reading, question))
  return NAME_WORDS.test(question) ? fillWith(nameFor(reading, question) ?? titleOf(reading)) : undefined
}

function fillWith(candidate: Candidate | undefined): Filled {
  return candidate ? found(candidate.value.replace(/[.,]$/, ''), candidate, 0.4) : UNKNOWN
}

/** A text that is asked for as a number (of an order, of a house) is no number of the text. */
function formOf(schema: JsonSchema, question: string): RegExp | undefined {
  if (schema.format === 'email') return FORMS.email
  if (schema.format === 'uri' || schema.format === 'url') return FORMS.url
  if (schema.format === 'date') return FORMS.date
  const asked = formAskedFor(question)
  return asked === FORMS.number ? undefined : asked
}

/** The candidate with the property's words around it; without any, the only one, where its form alone says what it is. */
function fillNearest(candidates: readonly Candidate[], question: string, form: RegExp): Filled {
  const best = nearest(candidates, question)
  const telling = candidates.length === 1 && TELLING.includes(form)
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
