import type { Json } from '../../../kernel/json.ts'
import type { JsonSchema, ModelTask } from '../../prompt/task.ts'
import {
  constantsOf,
  dereference,
  emptyValue,
  isNullSchema,
  isSchema,
  numericKeyword,
  schemaAlternatives,
  schemaAt,
  schemaType,
} from '../../structured-output/json-schema.ts'
import { truncate } from '../../text/strings.ts'
import { answerQuestion } from '../answer/answer.ts'
import { findKeyLines } from '../reading/candidates.ts'
import { boundConfidence, type IndexedDocuments, type OfflineFinding, refusedFinding } from '../reading/reading.ts'
import { fillArray } from './array.ts'
import { fillString } from './text.ts'
import type { FilledValue, FillTarget } from './values.ts'
import { fillBoolean, fillConstants, fillEnum, fillNumber, NOT_FOUND } from './values.ts'

const MAX_DEPTH = 8
const MAX_PROPERTIES = 200
/** A property with this name is not searched in the text: it holds the confidence of the other values. */
const CONFIDENCE = 'confidence'
const ANSWER_NAMES = /^(?:answer|reply|response|result)$/i

/**
 * JSON in the shape of the schema, with what the text says about each property. A value that is not found is null if
 * the schema allows that, absent if it is optional, else empty. Refused when no value is found at all.
 */
export async function fillSchema(
  schema: JsonSchema,
  task: ModelTask,
  reading: IndexedDocuments,
): Promise<OfflineFinding> {
  const filled = await fillAny(blankOf('', schema, schema, task, reading, 0))
  if (filled.value === undefined || filled.confidence === 0)
    return refusedFinding('it says nothing that fits the schema')
  const confidence = boundConfidence(filled.confidence)
  return { text: JSON.stringify(withConfidence(filled.value, confidence, schema)), quotes: filled.quotes, confidence }
}

function blankOf(
  name: string,
  schema: JsonSchema,
  root: JsonSchema,
  task: ModelTask,
  reading: IndexedDocuments,
  depth: number,
): FillTarget {
  return { name, schema: dereference(schema, root), root, task, reading, lines: findKeyLines(reading), depth }
}

async function fillAny(blank: FillTarget): Promise<FilledValue> {
  const { schema, depth } = blank
  if (depth > MAX_DEPTH) return NOT_FOUND
  if (schema.const !== undefined) return { value: schema.const, confidence: 0, quotes: [] }
  if (Array.isArray(schema.enum)) return fillEnum(blank)
  const constants = constantsOf(schema)
  if (constants) return fillConstants(blank, constants)
  return schemaAlternatives(schema).length > 0 ? fillAlternative(blank) : fillType(blank)
}

/** The first alternative other than null; null when nothing is found and null is allowed. */
async function fillAlternative(blank: FillTarget): Promise<FilledValue> {
  const options = schemaAlternatives(blank.schema)
  const meant = options.find((option) => !isNullSchema(option))
  const filled = meant
    ? await fillAny({ ...blank, schema: dereference(meant, blank.root), depth: blank.depth + 1 })
    : NOT_FOUND
  return filled.value === undefined && options.some(isNullSchema) ? { ...NOT_FOUND, value: null } : filled
}

function fillType(blank: FillTarget): Promise<FilledValue> | FilledValue {
  switch (schemaType(blank.schema)) {
    case 'object':
      return fillObject(blank)
    case 'array':
      return fillArray(blank, (items, unit) =>
        fillAny(blankOf('', items, blank.root, blank.task, unit, blank.depth + 1)),
      )
    case 'boolean':
      return fillBoolean(blank)
    case 'number':
    case 'integer':
      return blank.name === CONFIDENCE ? NOT_FOUND : fillNumber(blank)
    case 'null':
      return { ...NOT_FOUND, value: null }
    default:
      return fillText(blank)
  }
}

async function fillObject(blank: FillTarget): Promise<FilledValue> {
  const required = Array.isArray(blank.schema.required) ? blank.schema.required : []
  const value: { [name: string]: Json } = {}
  const all: FilledValue[] = []
  for (const [name, property] of propertiesOf(blank)) {
    const filled = await fillAny({ ...blank, name, schema: property, depth: blank.depth + 1 })
    if (filled.value !== undefined) value[name] = filled.value
    else if (required.includes(name)) value[name] = emptyValue(property)
    if (name !== CONFIDENCE) all.push(filled)
  }
  return { value, ...together(all) }
}

function propertiesOf({ schema, root }: FillTarget): [name: string, schema: JsonSchema][] {
  return Object.entries(schemaAt(schema, 'properties'))
    .slice(0, MAX_PROPERTIES)
    .map(([name, property]) => [name, isSchema(property) ? dereference(property, root) : {}])
}

/** The mean confidence of its values; a value that was not found counts as 0. */
function together(all: readonly FilledValue[]): Pick<FilledValue, 'confidence' | 'quotes'> {
  const confidence = all.reduce((sum, one) => sum + one.confidence, 0) / Math.max(1, all.length)
  return { confidence, quotes: all.flatMap(({ quotes }) => quotes) }
}

/** A property called answer gets the answer to the task's question. */
async function fillText(blank: FillTarget): Promise<FilledValue> {
  const { question } = blank.task
  const text = question && ANSWER_NAMES.test(blank.name) ? await fillAnswer(blank, question) : await fillString(blank)
  return typeof text.value === 'string' ? clip(text, text.value, blank.schema) : text
}

async function fillAnswer({ task, reading }: FillTarget, question: string): Promise<FilledValue> {
  const { text, confidence, quotes, refused } = await answerQuestion(task, question, reading)
  return refused === undefined ? { value: text, confidence, quotes } : NOT_FOUND
}

function clip(filled: FilledValue, text: string, schema: JsonSchema): FilledValue {
  if (text.length < (numericKeyword(schema, 'minLength') ?? 0)) return NOT_FOUND
  return { ...filled, value: truncate(text, numericKeyword(schema, 'maxLength') ?? text.length) }
}

function withConfidence(value: Json, confidence: number, schema: JsonSchema): Json {
  if (!isSchema(value) || !(CONFIDENCE in schemaAt(schema, 'properties'))) return value
  return { ...value, [CONFIDENCE]: confidence }
}
