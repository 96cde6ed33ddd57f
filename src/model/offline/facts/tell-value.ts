import type { Json } from '../../../kernel/json.ts'
import type { JsonSchema } from '../../prompt/task.ts'
import { dereference, isSchema, numericKeyword, schemaAt, schemaType } from '../../structured-output/json-schema.ts'
import { WRAPPER_FIELD } from '../../structured-output/unwrap.ts'
import { escapeRegExp } from '../../text/strings.ts'
import { termsOf } from '../../text/terms.ts'
import { decideQuestion } from '../answer/decide.ts'
import type { OfflineCall } from '../prompt/prompt.ts'
import type { IndexedDocuments, OfflineFinding } from '../reading/reading.ts'
import { countIfAsked, findList } from './count.ts'
import { decideByFacts } from './decide.ts'
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

/** A choice in the author's words: one name if something is true, another one if not. */
type ConditionalChoice = { readonly condition: string; readonly yes: string; readonly no: string }

const ELSE = /\b(?:otherwise|else|if not)\b/i
/** The ends of a condition that lead to a name, from the last to the first. */
const LEADS = [
  /["'`]$/,
  /\b(?:go(?:es)?(?: on)? (?:to|with)|goto|continue with|choose|pick|use|take|answer(?: with)?|it is)$/i,
  /\bthen$/i,
  /[,;:]$/,
]

/** Reads `publish if …, otherwise improve` and `if …, publish, else improve`; undefined for other texts. */
export function findConditional(question: string, names: readonly string[]): ConditionalChoice | undefined {
  const [before, behind] = cutAt(question, /\bif\b/i)
  const [between, after] = cutAt(behind, ELSE)
  const middle = between.trimEnd().replace(/[,;.]$/, '')
  const [no, ...others] = findNames(after, names)
  if (no === undefined || others.length > 0) return undefined
  const inside = findNames(middle, names)
  const outside = findNames(before, names)
  if (inside.length === 1) return { condition: conditionBefore(middle, inside[0]!), yes: inside[0]!, no }
  return inside.length === 0 && outside.length === 1 ? { condition: middle.trim(), yes: outside[0]!, no } : undefined
}

/** The names that occur in a text as separate words. */
function findNames(text: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => wordOf(name).test(text))
}

function conditionBefore(text: string, name: string): string {
  const condition = text.slice(0, text.search(wordOf(name)))
  return LEADS.reduce((rest, lead) => rest.replace(lead, '').trimEnd(), condition).trim()
}

/** The texts before and behind the first match; the second is empty without one. */
function cutAt(text: string, mark: RegExp): readonly [before: string, behind: string] {
  const found = mark.exec(text)
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text, '']
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_-])${escapeRegExp(name)}(?![\\p{L}\\p{N}_-])`, 'iu')
}

/** Words that introduce an enumeration; a word of the question does so as well. */
const LIST_LEADS = /^(?:.*:|are|were|is|was|includ(?:es?|ing)|as|namely|of|from)$/i
const SEPARATOR = /,\s+(?:(?:and|or)\s+)?|(?<!\s)\s+(?:and|or)\s+/i
const MAX_ITEM_WORDS = 6
const NO_TERMS: ReadonlySet<string> = new Set()

/** The list that a text is (as JSON or lines) or enumerates once; undefined when there is none, or more than one. */
async function listByFacts(
  { question, documents }: TextQuestion,
  reading: IndexedDocuments,
): Promise<readonly Json[] | undefined> {
  const whole = findList(documents)
  if (whole) return whole
  if (documents.length === 0) return enumerated(question, NO_TERMS)
  const { passages } = reading
  if (passages.length > 1 && passages.every(({ kind }) => kind === 'item')) return passages.map(({ text }) => text)
  const asked = new Set(termsOf(question))
  const found = passages.flatMap(({ text }) => {
    const items = enumerated(text, asked)
    return items ? [{ items, about: termsOf(text).some((term) => asked.has(term)) }] : []
  })
  const about = found.filter((one) => one.about)
  const meant = about.length > 0 ? about : found
  return meant.length === 1 ? meant[0]!.items : undefined
}

/** `… are a, b and c`, in one clause. */
function enumerated(sentence: string, asked: ReadonlySet<string>): readonly string[] | undefined {
  const lists = sentence.split(/[;!?\n]|\.(?:\s|$)/).map((clause) => itemsIn(clause.trim(), asked))
  return lists.find((items) => items !== undefined)
}

function itemsIn(clause: string, asked: ReadonlySet<string>): readonly string[] | undefined {
  const [head = '', ...rest] = clause.split(SEPARATOR)
  const words = head.split(/\s+/)
  const lead = words.findLastIndex((word) => LIST_LEADS.test(word) || termsOf(word).some((term) => asked.has(term)))
  const items = [words.slice(lead + 1).join(' '), ...rest].map(plainItem)
  const isList = lead >= 0 && rest.length > 0 && (rest.length > 1 || /\s(?:and|or)\s/i.test(clause))
  return isList && items.every(isThing) ? items : undefined
}

/** A clause is not an item of a list. */
function isThing(item: string): boolean {
  const isClause = /^(?:it|they|he|she|we|this|that)\b|\b(?:is|are|was|were|has|have)\b/i.test(item)
  return item !== '' && !isClause && item.split(' ').length <= MAX_ITEM_WORDS
}

function plainItem(item: string): string {
  return item
    .replace(/^(?:the|an?)\s+/i, '')
    .replace(/["'`]/g, '')
    .trim()
}
