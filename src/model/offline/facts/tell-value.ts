import type { Json } from '../../../kernel/json.ts'
import type { JsonSchema } from '../../prompt/task.ts'
import { dereference, isSchema, numericKeyword, schemaAt, schemaType } from '../../structured-output/json-schema.ts'
import { WRAPPER_FIELD } from '../../structured-output/unwrap.ts'
import { decideQuestion } from '../answer/decide.ts'
import type { OfflineCall } from '../prompt/prompt.ts'
import type { OfflineFinding } from '../reading/finding.ts'
import type { IndexedDocuments } from '../reading/reading.ts'
import { findConditional, findNames } from './branch.ts'
import { countIfAsked } from './count.ts'
import { decideByFacts } from './decide.ts'
import { listByFacts } from './list.ts'
import { findNumber } from './number.ts'
import { MAX_QUESTION_LENGTH, type TextQuestion, toSentence, withoutReferences } from './question.ts'

const SURE_CONFIDENCE = 0.7

/**
 * The requested value, if it can be stated without guessing: from the question itself, or by counting and comparing in
 * the text. Undefined: it cannot, and the text is searched.
 */
export async function answerByFacts(
  { intent, documents, schema }: OfflineCall,
  open: () => IndexedDocuments,
): Promise<OfflineFinding | undefined> {
  const question = 'task' in intent ? (intent.task.question ?? '') : ''
  const wanted = schema && wrappedIn(schema)
  if (question === '' || question.length > MAX_QUESTION_LENGTH) return undefined
  const posed = { question, documents: documents.filter(({ text }) => text.trim() !== '') }
  if (wanted)
    return found(await tellWanted(wanted, posed, open()), (value) => JSON.stringify({ [WRAPPER_FIELD]: value }))
  if (schema || !('task' in intent) || intent.task.kind !== 'decide') return undefined
  return found(decideByFacts(posed, open()), (value) => (value ? 'yes' : 'no'))
}

function found(value: Json | undefined, say: (value: Json) => string): OfflineFinding | undefined {
  return value === undefined ? undefined : { text: say(value), quotes: [], confidence: SURE_CONFIDENCE }
}

/** The schema of the value, if the object only wraps one value. */
function wrappedIn(schema: JsonSchema): JsonSchema | undefined {
  const properties = schemaAt(schema, 'properties')
  const value = Object.keys(properties).length === 1 ? properties[WRAPPER_FIELD] : undefined
  return isSchema(value) ? dereference(value, schema) : undefined
}

async function tellWanted(
  schema: JsonSchema,
  posed: TextQuestion,
  reading: IndexedDocuments,
): Promise<Json | undefined> {
  if (Array.isArray(schema.enum)) return choiceOf(schema.enum.map(String), posed, reading)
  switch (schemaType(schema)) {
    case 'boolean':
      return decideByFacts(posed, reading)
    case 'integer':
    case 'number':
      return numberOf(schema, posed, reading)
    case 'array': {
      const { enum: allowed } = schemaAt(schema, 'items')
      return Array.isArray(allowed) ? someOf(allowed.map(String), posed) : await listByFacts(posed, reading)
    }
    default:
      return undefined
  }
}

/** Chosen by a condition in the question, else the only choice that it names when there is no text. */
async function choiceOf(
  names: readonly string[],
  posed: TextQuestion,
  reading: IndexedDocuments,
): Promise<string | undefined> {
  const { documents, question } = posed
  const branch = findConditional(question, names)
  if (branch) {
    const holds = await decide({ question: branch.condition, documents }, reading)
    return holds === undefined ? undefined : holds ? branch.yes : branch.no
  }
  const [only, ...others] = findNames(documents.length === 0 ? question : toSentence(posed), names)
  return others.length === 0 ? only : undefined
}

async function decide(posed: TextQuestion, reading: IndexedDocuments): Promise<boolean | undefined> {
  const sure = decideByFacts(posed, reading)
  if (sure !== undefined || posed.documents.length === 0) return sure
  const { refused, text } = await decideQuestion(withoutReferences(posed.question), reading)
  return refused === undefined ? text === 'yes' : undefined
}

function someOf(names: readonly string[], posed: TextQuestion): readonly string[] | undefined {
  const said = `${toSentence(posed)}\n${posed.documents.map(({ text }) => text).join('\n')}`
  if (/\b(?:all|every|each) (?:of them|of these|steps?|above)\b|^all[.!]?$/i.test(posed.question)) return names
  if (/^(?:none|nothing|no step)s?[.!]?$/i.test(posed.question.trim())) return []
  const named = findNames(said, names)
  return named.length > 0 ? named : undefined
}

function numberOf(schema: JsonSchema, posed: TextQuestion, reading: IndexedDocuments): number | undefined {
  const { documents, question } = posed
  const value =
    countIfAsked(question, documents) ??
    (documents.length === 0 ? onlyNumber(question) : findNumber(withoutReferences(question), reading))
  return value !== undefined && fits(value, schema) ? value : undefined
}

function onlyNumber(question: string): number | undefined {
  const [number, ...others] = question.match(/(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?!\w)/g) ?? []
  return number === undefined || others.length > 0 ? undefined : Number(number.replaceAll(',', ''))
}

function fits(value: number, schema: JsonSchema): boolean {
  if (schema.type === 'integer' && !Number.isInteger(value)) return false
  return (
    value >= (numericKeyword(schema, 'minimum') ?? -Infinity) &&
    value <= (numericKeyword(schema, 'maximum') ?? Infinity)
  )
}
