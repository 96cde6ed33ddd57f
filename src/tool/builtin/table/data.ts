import { z } from 'zod'
import { InvalidError, TerminalError } from '../../../errors.ts'
import { asText, type Json, tryParseExact } from '../../../kernel/json.ts'
import { endingOfName } from '../../../lib/file-name.ts'
import { whyNotJson } from '../../../lib/json/fault.ts'
import { findDelimiter, withoutSep } from '../../../model/text/delimiter.ts'
import type { ToolAdvice, WrittenParameters } from '../../advice.ts'
import type { ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { textEncodingInput } from '../filesystem/file-text.ts'
import { MAX_FILE_BYTES } from '../filesystem/path.ts'
import { readTextFile } from '../filesystem/read.ts'
import { parseCsv, writeCsv } from './csv.ts'
import { isRowList, isTableRow, type Table, type TableRow, tableOf } from './table.ts'

export const formatSchema = z.enum(['json', 'csv'])
export type DataFormat = z.infer<typeof formatSchema>

/** A cell delimiter. Quotes and line breaks have a meaning in CSV. Absent: it is found. */
export const delimiterInput = z
  .string()
  .length(1)
  .refine((letter) => !'"\r\n'.includes(letter), 'expected a delimiter other than a quote or a line break')
  .optional()

const shared = {
  data: anyJson
    .optional()
    .describe('list of maps, {records: list of maps}, JSON or CSV text, or the path of a .json, .csv or .txt file'),
  input_data: anyJson.optional().describe('the same as data'),
  format: formatSchema.optional().describe('format of the data; detected if absent'),
  input_format: formatSchema.optional().describe('the same as format'),
  output_format: formatSchema.optional().describe('format of the result; the format of the data if absent'),
  delimiter: delimiterInput.describe('CSV delimiter; absent: the one of the first line, and a comma in results'),
  encoding: textEncodingInput,
}

/** The input schema of a data operation: the shared parameters and its own. */
export function dataInputSchema<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ ...shared, ...shape }).meta({ anyOf: [{ required: ['data'] }, { required: ['input_data'] }] })
}

/** Parsed data. `table` is set if the data is a table. */
export type DataSource = {
  readonly value: Json
  readonly table?: Table
  readonly format: DataFormat
  /** form of the data before parsing */
  readonly original: 'csv' | 'json' | 'text' | 'list' | 'map' | 'value'
}
export type DataCall = { readonly [Name in keyof typeof shared]?: Json | undefined }

/**
 * Reads the data of a call. `expectsText`: a text that looks like the name of another file is the data itself.
 * @throws InvalidError if the data does not match its format
 */
export async function readData(call: DataCall, context: ToolContext, expectsText = false): Promise<DataSource> {
  const data = call.data === undefined ? call.input_data : call.data
  if (data === undefined) throw new InvalidError('data: a value is needed.', { place: { path: 'data' } })
  const wanted = (call.input_format ?? call.format) as DataFormat | undefined
  const encoding = call.encoding === undefined ? {} : { encoding: String(call.encoding) }
  const more = { ...encoding, ...(expectsText && { expectsText }) }
  const { delimiter } = call
  return readValue(data, { wanted, ...(delimiter && { delimiter: String(delimiter) }), ...more }, context)
}

type ReadOptions = {
  readonly wanted: DataFormat | undefined
  /** absent: it is found */
  readonly delimiter?: string | undefined
  /** of a file; absent: it is detected */
  readonly encoding?: string
  /** where the data stands in the call; absent: in `data` */
  readonly where?: string
  readonly expectsText?: boolean
}

/** Reads a value that is the data, contains it as text, or names a file. */
export async function readValue(data: Json, reading: ReadOptions, context: ToolContext): Promise<DataSource> {
  if (isAnswer(data)) return readAnswer(data, reading, context)
  if (typeof data !== 'string')
    return given(data, Array.isArray(data) ? 'list' : isTableRow(data) ? 'map' : 'value', 'json')
  if (!isPath(data)) {
    if (!reading.expectsText) checkNoFileName(data, reading.where)
    return readWritten(data, reading, context)
  }
  const text = await readTextFile(data.trim(), context, reading.encoding)
  const [, extension] = /\.(csv|json)$/i.exec(data.trim()) ?? []
  const wanted = reading.wanted ?? (extension?.toLowerCase() as DataFormat | undefined)
  return readWritten(text, { ...reading, wanted }, context)
}

function readWritten(text: string, reading: ReadOptions, context: ToolContext): DataSource {
  const { wanted, delimiter, where = 'data' } = reading
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    throw new InvalidError(`${where}: expected at most ${MAX_FILE_BYTES / 1024 / 1024} MiB of text.`, {
      code: 'too_large',
    })
  if ((wanted ?? formatOf(text, delimiter)) === 'csv') {
    const table = parseCsv(withoutSep(text), delimiter ?? delimiterOf(text))
    warnOfOneColumn(table, where, context)
    return { value: table.rows as Json, table, format: 'csv', original: 'csv' }
  }
  const value = readJson(text)
  if (value !== undefined) return given(value, 'json', 'json')
  // another text is a value, but broken JSON is not
  if (wanted === 'json' || '[{'.includes(text.trimStart()[0] ?? ' ')) throw notJson(text, where)
  return given(text, 'text', 'json')
}

function notJson(text: string, where: string): InvalidError {
  const hint = "Values in lines are read with `{{ text.splitlines() | map('from_json') | list }}`."
  return new InvalidError(`${where}: the text is not JSON: ${whyNotJson(text)}`, {
    place: { path: where },
    ...(text.trim().includes('\n') && { hint }),
  })
}

function given(value: Json, original: DataSource['original'], format: DataFormat): DataSource {
  const rows = rowsIn(value)
  const table = rows && tableOf(rows)
  return { value, ...(table && { table }), format, original }
}

/** A list of maps, or the list in `records` of a map. */
function rowsIn(value: Json): readonly TableRow[] | undefined {
  if (isRowList(value)) return value
  if (!isTableRow(value)) return undefined
  const { records = [] } = value
  return isRowList(records) && records.length > 0 ? records : undefined
}

async function readAnswer({ data }: TableRow, reading: ReadOptions, context: ToolContext): Promise<DataSource> {
  return typeof data === 'string'
    ? readWritten(data, { ...reading, wanted: 'csv' }, context)
    : readValue(data!, reading, context)
}

/** The result of an earlier data operation stands for its data. */
function isAnswer(data: Json): data is TableRow {
  return isTableRow(data) && data.data !== undefined && DATA_OPERATIONS.includes(asText(data.action ?? ''))
}

const DATA_OPERATIONS = ['convert', 'filter', 'aggregate', 'transform', 'profile', 'pivot', 'clean', 'merge']

/** One line that ends like the name of a data file. */
const isPath = (text: string): boolean => /^[^\n\r[{"][^\n\r]{0,4000}\.(?:csv|json|txt)$/i.test(text.trim())

/** The name of another file would pass for its data: for a text, or for a table without rows. */
function checkNoFileName(text: string, where = 'data'): void {
  const ending = endingOfName(text)
  if (ending === undefined) return
  const message = `${where}: expected data, or the path of a .json, .csv or .txt file, got the name of a .${ending} file.`
  throw new InvalidError(message, { place: { path: where }, hint: hintOn(ending) })
}

function hintOn(ending: string): string {
  if (/^(?:jsonl|ndjson)$/.test(ending))
    return "Read it with `filesystem:read`. Its values are `{{ STEP.content.splitlines() | map('from_json') | list }}`."
  if (TEXT_FILES.test(ending)) return 'Read it with `filesystem:read`, and give its text: `data: "{{ STEP.content }}"`.'
  return 'Convert the file to CSV or JSON first.'
}

const TEXT_FILES = /^(?:tsv|psv|tab|dat|geojson|json5|jsonc|ya?ml|xml|html?|md|markdown|rst|log|toml|ini|sql)$/

/** Detects CSV: several lines, a delimiter in the first, and no start like JSON. */
function formatOf(text: string, delimiter: string | undefined): DataFormat {
  const first = text.trimStart()[0] ?? ''
  if ('[{"'.includes(first)) return readJson(text) === undefined && first === '"' ? 'csv' : 'json'
  const [line] = /^.*(?=\r?\n)/.exec(text.trimStart()) ?? ['']
  if (delimiter === undefined && line !== '' && findDelimiter(text)?.isSure) return 'csv'
  return line.includes(delimiter ?? ',') ? 'csv' : 'json'
}

/** A comma in the first line counts, unless all lines have the same number of another sign. */
function delimiterOf(text: string): string {
  const { sign, isSure } = findDelimiter(text) ?? { sign: ',', isSure: false }
  return isSure ? sign : ','
}

function warnOfOneColumn({ columns, rows }: Table, where: string, { tell }: ToolContext): void {
  const [name = '', ...others] = columns
  const sign = others.length > 0 || rows.length === 0 ? undefined : findDelimiter(name)?.sign
  if (sign === undefined) return
  const shown = sign === '\t' ? '\\t' : sign
  const warning = `${where}: the only column is called ${JSON.stringify(name)}. If its cells are separated, set \`delimiter: "${shown}"\`.`
  tell?.({ warning })
}

const readJson = (text: string) => tryParseExact(text.replace(/^\uFEFF/, '')) as Json | undefined

/** Converts data to a table. A map counts as one row. InvalidError if the data is neither a table nor a map. */
export function toTable({ table, value }: DataSource, where = 'data'): Table {
  if (table) return table
  if (isTableRow(value)) return tableOf([value])
  throw new InvalidError(`${where}: expected a list of maps, or text that holds one.`, {
    place: { path: where },
    hint: 'A list such as [{"name": "Ada"}], CSV text with column names in its first line, or the path of such a file.',
  })
}

/** Whether the data is a single map. The result is then a map, too. */
const isSingleMap = ({ table, value }: DataSource): boolean => !table && isTableRow(value as Json)

/** Finds a call that names no operation: neither in these parameters nor in a field of `operation`. */
export function adviceOnMissing(parameters: readonly string[], fields: readonly string[], hint: string) {
  return (given: WrittenParameters): readonly ToolAdvice[] => {
    const { operation = {} } = given
    const isSaid = !isTableRow(operation) || fields.some((name) => operation[name] !== undefined)
    if (isSaid || parameters.some((name) => given[name] !== undefined)) return []
    const message = `it needs ${parameters.map((name) => `\`${name}\``).join(' or ')}`
    return [{ parameter: parameters[0]!, message, hint }]
  }
}

/** The output schema of a data operation: the shared fields and its own. */
export function dataOutputSchema<Action extends string, Shape extends z.ZodRawShape>(action: Action, shape: Shape) {
  return z.object({ action: z.literal(action), data: anyJson, processed_data: anyJson, ...shape })
}

/**
 * Formats a table as requested. `data` is CSV text, a list, or again the map that was given.
 * `processed_data` is the same as a list that prints as that text.
 */
export function tableResult<Action extends string>(action: Action, table: Table, call: DataCall, given: DataSource) {
  const format = (call.output_format ?? given.format) as DataFormat
  if (format === 'csv') return { action, data: toCsv(table, call), processed_data: table.rows as Json }
  const data = (isSingleMap(given) && table.rows.length === 1 ? table.rows[0]! : table.rows) as Json
  return { action, data, processed_data: data }
}

export function valueResult<Action extends string>(action: Action, data: Json) {
  return { action, data, processed_data: data }
}

/** @throws TerminalError if the CSV text is larger than the limit for files */
function toCsv(table: Table, call: DataCall): string {
  const text = writeCsv(table, String(call.delimiter ?? ','))
  if (text.length <= MAX_FILE_BYTES) return text
  throw new TerminalError(`The result has more than ${MAX_FILE_BYTES / 1024 / 1024} MiB of CSV.`, { code: 'too_large' })
}
