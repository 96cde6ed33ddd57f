import type { Json } from '../../../kernel/json.ts'
import type { JsonSchema } from '../../prompt/task.ts'
import { dereference, isSchema, numericKeyword, schemaAt, schemaType } from '../../structured-output/json-schema.ts'
import { distinctMatches } from '../answer/extract.ts'
import { selectSentences } from '../answer/summarise.ts'
import { findMatches, formOfQuestion } from '../reading/candidates.ts'
import type { IndexedDocuments, SourcePassage } from '../reading/reading.ts'
import { type FilledValue, type FillTarget, NOT_FOUND, questionFor, readNumber, SUMMARY_WORDS } from './values.ts'

/** Fills one element from part of the text. */
type FillElement = (items: JsonSchema, unit: IndexedDocuments) => Promise<FilledValue>

const MAX_ITEMS = 20
const MAX_GIST_ITEMS = 5

/** A list of values of a known form, key line, list or passages about the subject; or of records of objects. */
export async function fillArray(blank: FillTarget, fillElement: FillElement): Promise<FilledValue> {
  const items = dereference(schemaAt(blank.schema, 'items'), blank.root)
  const most = Math.min(MAX_ITEMS, numericKeyword(blank.schema, 'maxItems') ?? MAX_ITEMS)
  if (schemaType(items) === 'object') return fillRecords(blank, items, most, fillElement)
  const question = `${questionFor(blank)} ${String(items.format ?? '')}`
  const form = formOfQuestion(question)
  if (form) return fillForms(form, items, most, blank.reading)
  return SUMMARY_WORDS.test(question) ? fillGist(most, blank.reading) : fillList(blank, items, most)
}

function fillForms(form: RegExp, items: JsonSchema, most: number, reading: IndexedDocuments): FilledValue {
  const quotes = distinctMatches(findMatches(reading, form)).slice(0, most)
  const values = readItems(
    quotes.map(({ value }) => value),
    items,
    most,
  )
  return values.length > 0 ? { value: values, confidence: 0.6, quotes } : NOT_FOUND
}

async function fillGist(most: number, reading: IndexedDocuments): Promise<FilledValue> {
  const quotes = await selectSentences({ kind: 'summarise', count: Math.min(MAX_GIST_ITEMS, most) }, reading)
  return quotes.length > 0 ? { value: quotes.map(({ text }) => text), confidence: 0.4, quotes } : NOT_FOUND
}

async function fillList(blank: FillTarget, items: JsonSchema, most: number): Promise<FilledValue> {
  const line = blank.lines.find(
    ({ key, value }) => key.toLowerCase() === blank.name.toLowerCase() && value.includes(','),
  )
  if (line)
    return {
      value: readItems(
        line.value.split(',').map((item) => item.trim()),
        items,
        most,
      ),
      confidence: 0.7,
      quotes: [line],
    }
  const listed = blank.reading.passages.filter(({ kind }) => kind === 'item')
  const among = listed.length > 1 ? blank.reading.only(listed) : blank.reading
  const ranked = await among.rank(questionFor(blank), most)
  const value = readItems(
    ranked.map(({ text }) => text),
    items,
    most,
  )
  return value.length > 0 ? { value, confidence: 0.4 * ranked[0]!.score, quotes: ranked } : NOT_FOUND
}

function readItems(texts: readonly string[], items: JsonSchema, most: number): Json[] {
  return texts
    .map((text) => readItem(text, items))
    .filter((value) => value !== undefined)
    .slice(0, most)
}

function readItem(text: string, items: JsonSchema): Json | undefined {
  const type = schemaType(items)
  if (type === 'number' || type === 'integer') return readNumber(text, items)
  if (Array.isArray(items.enum)) return items.enum.find((value) => String(value).toLowerCase() === text.toLowerCase())
  return type === 'string' ? text : undefined
}

/** A record for each list item or table row; without any, for each sentence of the summary. */
async function fillRecords(
  blank: FillTarget,
  items: JsonSchema,
  most: number,
  fillElement: FillElement,
): Promise<FilledValue> {
  const records: FilledValue[] = []
  for (const unit of await unitsOf(blank.reading, most)) {
    const filled = await fillElement(items, blank.reading.only([unit]))
    const record = filled.confidence > 0 ? filled : fillOnlyText(items, unit)
    if (record.confidence > 0) records.push(record)
  }
  if (records.length === 0) return NOT_FOUND
  return {
    value: records.map(({ value }) => value ?? null),
    confidence: records.reduce((sum, { confidence }) => sum + confidence, 0) / records.length,
    quotes: records.flatMap(({ quotes }) => quotes),
  }
}

async function unitsOf(reading: IndexedDocuments, most: number): Promise<readonly SourcePassage[]> {
  const listed = reading.passages.filter(({ kind }) => kind === 'item' || kind === 'row')
  if (listed.length > 1) return listed.slice(0, most)
  return selectSentences({ kind: 'summarise', count: Math.min(MAX_GIST_ITEMS, most) }, reading)
}

/** A record with one text property is the item itself, whatever the name of the property. */
function fillOnlyText(items: JsonSchema, unit: SourcePassage): FilledValue {
  const [property, ...others] = Object.entries(schemaAt(items, 'properties'))
  if (!property || others.length > 0 || !isSchema(property[1]) || schemaType(property[1]) !== 'string') return NOT_FOUND
  return { value: { [property[0]]: unit.text }, confidence: 0.3, quotes: [unit] }
}
