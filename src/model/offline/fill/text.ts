import type { JsonSchema } from '../../prompt/task.ts'
import { MIN_RELEVANCE } from '../answer/answer.ts'
import { summarise } from '../answer/summarise.ts'
import { type FormMatch, findMatches, formOfQuestion, nearestMatch, VALUE_FORMS } from '../reading/candidates.ts'
import { findCode, findName, findPlace, findTitle } from '../reading/proper-names.ts'
import type { IndexedDocuments } from '../reading/reading.ts'
import type { FilledValue, FillTarget } from './values.ts'
import { foundValue, keyLineOf, NOT_FOUND, questionFor, SUMMARY_WORDS } from './values.ts'

const NAME_WORDS =
  /\b(?:name|title|author|holder|owner|company|person|who|maintainer|organi[sz]ation|vendor|sender|customer)\b/
const PLACE_WORDS = /\b(?:city|town|place|country|location|where|region)\b/
const TITLE_WORDS = /\b(?:title|subject|headline|event|dish)\b/
const CODE_WORDS = /\b(?:number|code|id|reference)\b/
const TELLING: readonly RegExp[] = [
  VALUE_FORMS.email,
  VALUE_FORMS.url,
  VALUE_FORMS.version,
  VALUE_FORMS.date,
  VALUE_FORMS.phone,
]

/** A text by the first of: form, key line, summary, number, place, title, name, passage about it. */
export async function fillString(blank: FillTarget): Promise<FilledValue> {
  const { reading } = blank
  const question = questionFor(blank)
  const form = formOf(blank.schema, question)
  const line = keyLineOf(blank)
  if (line && (form === undefined || line.value.search(form) !== -1)) return foundValue(line.value, line, 0.7)
  if (form) return fillNearest(findMatches(reading, form), question, form)
  if (SUMMARY_WORDS.test(question)) return fillSummary(reading, question)
  return fillNamed(blank, question) ?? fillPassage(reading, question)
}

/** The code, place, title or name that the question asks for; undefined when it asks for none of these. */
function fillNamed({ name, reading }: FillTarget, question: string): FilledValue | undefined {
  const code = findCode(reading, CODE_WORDS.test(question) ? question : name)
  if (code) return fillWith(code)
  if (CODE_WORDS.test(question)) return NOT_FOUND
  if (PLACE_WORDS.test(question)) return fillWith(findPlace(reading, question))
  if (TITLE_WORDS.test(question)) return fillWith(findTitle(reading) ?? findName(reading, question))
  return NAME_WORDS.test(question) ? fillWith(findName(reading, question) ?? findTitle(reading)) : undefined
}

function fillWith(candidate: FormMatch | undefined): FilledValue {
  return candidate ? foundValue(candidate.value.replace(/[.,]$/, ''), candidate, 0.4) : NOT_FOUND
}

/** The form that a text property must have, if any. A number, as of an order, is an identifier, without a form. */
function formOf(schema: JsonSchema, question: string): RegExp | undefined {
  if (schema.format === 'email') return VALUE_FORMS.email
  if (schema.format === 'uri' || schema.format === 'url') return VALUE_FORMS.url
  if (schema.format === 'date') return VALUE_FORMS.date
  const asked = formOfQuestion(question)
  return asked === VALUE_FORMS.number ? undefined : asked
}

/** The candidate with the property's words around it, else the only one, if its form alone identifies it. */
function fillNearest(candidates: readonly FormMatch[], question: string, form: RegExp): FilledValue {
  const best = nearestMatch(candidates, question)
  const telling = candidates.length === 1 && TELLING.includes(form)
  if (!best || (best.nearness === 0 && !telling)) return NOT_FOUND
  return foundValue(best.candidate.value.replace(/[.,]$/, ''), best.candidate, 0.3 + 0.1 * best.nearness)
}

async function fillSummary(reading: IndexedDocuments, question: string): Promise<FilledValue> {
  const count = /\b(?:one|single)\b/.test(question) ? 1 : 2
  const { text, confidence, quotes, refused } = await summarise({ kind: 'summarise', count }, reading)
  return refused === undefined ? { value: text, confidence, quotes } : NOT_FOUND
}

async function fillPassage(reading: IndexedDocuments, question: string): Promise<FilledValue> {
  const best = (await reading.rank(question, 1))[0]
  return best && best.score >= MIN_RELEVANCE ? foundValue(best.text, best, 0.5 * best.score) : NOT_FOUND
}
