import type { Json } from '../../../kernel/json.ts'
import { ownValue } from '../../../lib/own.ts'
import type { JsonSchema, ModelTask } from '../../prompt/task.ts'
import { type ConstantMeanings, numericKeyword } from '../../structured-output/json-schema.ts'
import { WRAPPER_FIELD } from '../../structured-output/unwrap.ts'
import { escapeRegExp } from '../../text/strings.ts'
import { nameToWords } from '../../text/terms.ts'
import { type ChoiceMeanings, chooseByText } from '../answer/choose.ts'
import { decideQuestion } from '../answer/decide.ts'
import { withoutReferences } from '../facts/question.ts'
import { findKeyLine, findMatches, type KeyLine, nearestMatch, VALUE_FORMS } from '../reading/candidates.ts'
import { findCode } from '../reading/proper-names.ts'
import type { IndexedDocuments, Quote } from '../reading/reading.ts'

/** A value and the place where it was found; without `value`, nothing was found. */
export type FilledValue = { readonly value?: Json; readonly confidence: number; readonly quotes: readonly Quote[] }

/** A property to fill: its name and schema, its parent, and the text with its key lines. */
export type FillTarget = {
  readonly name: string
  readonly schema: JsonSchema
  readonly root: JsonSchema
  readonly task: ModelTask
  readonly reading: IndexedDocuments
  readonly lines: readonly KeyLine[]
  readonly depth: number
}

export const NOT_FOUND: FilledValue = { confidence: 0, quotes: [] }

/** Names of properties that hold a summary of the text. */
export const SUMMARY_WORDS =
  /\b(?:summary|overview|abstract|gist|description|tl;?dr|insights?|points?|findings?|highlights?|takeaways?)\b/
/** Starts at two: `one` more often is a pronoun than a number. */
const SPELLED = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
const NUMBER = new RegExp(`${VALUE_FORMS.number.source}|\\b(?:${SPELLED.join('|')})\\b`, 'gi')

/** The question for a property: its name in words and its description. */
export function questionFor({ name, schema, task }: FillTarget): string {
  const description = typeof schema.description === 'string' ? schema.description : ''
  // the name of a wrapped value has no meaning
  if (name === WRAPPER_FIELD) return withoutReferences(task.question ?? description)
  return `${nameToWords(name)} ${description}`.trim()
}

/** The key line of a property, found by its name, else by its whole description. */
export function keyLineOf(blank: FillTarget): KeyLine | undefined {
  return findKeyLine(blank.name, blank.lines) ?? findKeyLine(questionFor(blank), blank.lines)
}

/** One of the allowed values: the value of the key line, the one that the text names most often, or the best match. */
export async function fillEnum(blank: FillTarget): Promise<FilledValue> {
  const allowed = (blank.schema.enum as readonly Json[]).slice(0, MAX_CHOICES)
  const stated = statedValue(allowed, blank)
  if (stated) return stated
  const [named, other] = allowed
    .map((value) => ({ value, times: timesNamed(blank.reading, String(value)) }))
    .sort((a, b) => b.times - a.times)
  if (named && named.times > (other?.times ?? 0))
    return { value: named.value, confidence: other?.times ? 0.4 : 0.6, quotes: [] }
  return chosenValue(allowed, blank.task.choices ?? {}, blank.reading)
}

/** One of the constants of `oneOf`: the value of the key line, or the one whose description fits the text best. */
export async function fillConstants(blank: FillTarget, constants: ConstantMeanings): Promise<FilledValue> {
  const allowed = [...constants.keys()].slice(0, MAX_CHOICES)
  // without descriptions it is an enum
  if (![...constants.values()].some(Boolean)) return fillEnum({ ...blank, schema: { ...blank.schema, enum: allowed } })
  return statedValue(allowed, blank) ?? chosenValue(allowed, Object.fromEntries(constants), blank.reading)
}

/** Values of an enum that are considered. */
const MAX_CHOICES = 200

function statedValue(allowed: readonly Json[], blank: FillTarget): FilledValue | undefined {
  const line = keyLineOf(blank)
  const said = allowed.find((value) => String(value).toLowerCase() === line?.value.toLowerCase())
  return line && said !== undefined ? foundValue(said, line, 0.7) : undefined
}

async function chosenValue(
  allowed: readonly Json[],
  meanings: ChoiceMeanings,
  reading: IndexedDocuments,
): Promise<FilledValue> {
  const choices = Object.fromEntries(allowed.map((value) => [String(value), ownValue(meanings, String(value)) ?? '']))
  const chosen = await chooseByText(choices, reading)
  if (chosen.refused !== undefined) return NOT_FOUND
  const value = allowed.find((one) => String(one) === chosen.text) ?? null
  return { value, confidence: chosen.confidence, quotes: [] }
}

function timesNamed(reading: IndexedDocuments, value: string): number {
  const word = new RegExp(`(?<![\\p{L}\\p{N}])${escapeRegExp(value)}(?![\\p{L}\\p{N}])`, 'giu')
  return reading.excerpts.reduce((sum, { text }) => sum + (text.match(word)?.length ?? 0), 0)
}

/** True or false, by the key line, else by the passage closest to the property's name and description. */
export async function fillBoolean(blank: FillTarget): Promise<FilledValue> {
  const line = keyLineOf(blank)
  const said = line && /^(?:(true|yes|on)|false|no|off)$/i.exec(line.value)
  if (line && said) return foundValue(said[1] !== undefined, line, 0.7)
  const decided = await decideQuestion(questionFor(blank), blank.reading)
  if (decided.refused !== undefined) return NOT_FOUND
  return { value: decided.text === 'yes', confidence: decided.confidence, quotes: decided.quotes }
}

/** The number of the key line, else the one with the property's words around it, if the schema allows it. */
export function fillNumber(blank: FillTarget): FilledValue {
  const line = keyLineOf(blank)
  const stated = line && readNumber(line.value, blank.schema)
  if (line && stated !== undefined) return foundValue(stated, line, 0.7)
  // a single requested number was searched before, with more care
  if (blank.name === WRAPPER_FIELD) return NOT_FOUND
  const code = findCode(blank.reading, questionFor(blank))
  const coded = code && readNumber(code.value, blank.schema)
  if (code && coded !== undefined) return foundValue(coded, code, 0.4)
  const allowed = findMatches(blank.reading, NUMBER).filter(
    ({ value }) => readNumber(value, blank.schema) !== undefined,
  )
  const best = nearestMatch(allowed, questionFor(blank).replace(/\b(?:number|amount|how many)\b/gi, ''))
  return best && best.nearness > 0
    ? foundValue(readNumber(best.candidate.value, blank.schema)!, best.candidate, 0.3 + 0.1 * best.nearness)
    : NOT_FOUND
}

/** The number at the start of a text, including `1,200`, `$3.50` and `six`, when the schema allows it. */
export function readNumber(text: string, schema: JsonSchema): number | undefined {
  const spelled = SPELLED.indexOf(text.toLowerCase())
  if (spelled !== -1) return readNumber(String(spelled + 2), schema)
  const digits = /^[$€£]? ?([-+]?\d[\d,]{0,20}(?:\.\d{1,12})?)(?![\w.]*\d)/.exec(text)?.[1]
  const value = Number(digits?.replaceAll(',', ''))
  if (digits === undefined || !Number.isFinite(value)) return undefined
  if (schema.type === 'integer' && !Number.isInteger(value)) return undefined
  return value < (numericKeyword(schema, 'minimum') ?? -Infinity) ||
    value > (numericKeyword(schema, 'maximum') ?? Infinity)
    ? undefined
    : value
}

/** A value that stands at that place of the text. */
export function foundValue(value: Json, { document, start, end }: Quote, confidence: number): FilledValue {
  return { value, confidence, quotes: [{ document, start, end }] }
}
