import { extname } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { isJsonObject, tryParseExact } from '../../kernel/json.ts'
import { linesOf, readBlocks, type TextBlock } from './blocks.ts'
import { type Columns, cellsOfRow, labelCells, nameCells, namesHeading, readColumns } from './columns.ts'
import { joinLineEnds } from './hyphens.ts'
import { cutLongRange, sentenceRanges, type TextRange, trimRange } from './sentences.ts'

/** A sentence, list item, table row or piece of code: the unit of ranking and quoting. */
export type Passage = {
  /** as it reads: unwrapped, without markup; code keeps its lines */
  readonly text: string
  readonly kind: TextBlock['kind']
  /** lines count from 1; `endLine` is the last one */
  readonly line: number
  readonly endLine: number
  /** its place in the document; `end` is exclusive */
  readonly start: number
  readonly end: number
  /** the headings above it, joined by ` › `; empty when there are none */
  readonly heading: string
  /** passages of one paragraph or item share this number */
  readonly block: number
}

const MAX_DOCUMENT_LENGTH = 4 * 1024 * 1024
const MAX_CODE_LINES = 12
/** A row is a record: it is split only when it is too long for one passage. */
const MAX_ROW_LENGTH = 8_000
// a name without a known ending may mean anything, such as `text.content`: it is read as prose
const CODE_EXTENSION =
  /^\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|scala|swift|cs?|h|[ch]pp|cc|php|lua|pl|r|dart|exs?|erl|clj|hs|ml|vue|svelte|sh|bash|zsh|ps1|sql|json|ya?ml|toml|ini|xml|s?css)$/i
const TABLE_EXTENSION = /^\.(?:csv|tsv)$/i
const JSON_LINES_EXTENSION = /^\.(?:jsonl|ndjson)$/i
const RECORD_EXTENSION = /^\.(?:log|csv|tsv|jsonl|ndjson)$/i

/** The passages of a document in order. Its name tells prose, code and records. InvalidError above 4 Mi characters. */
export function splitPassages(name: string, text: string): readonly Passage[] {
  if (text.length > MAX_DOCUMENT_LENGTH) throw tooLarge(name, text.length)
  const lineAt = lineFinder(text)
  const columns = TABLE_EXTENSION.test(extensionOf(name)) ? readColumns(text) : undefined
  const read = { text, lineAt, columns, isJsonLines: JSON_LINES_EXTENSION.test(extensionOf(name)) }
  return blocksOf(name, text).flatMap((block, index) =>
    rangesOf(text, block)
      .map((range) => passageOf(read, block, index, range))
      .filter((passage) => /[\p{L}\p{N}]/u.test(passage.text)),
  )
}

function tooLarge(name: string, length: number): InvalidError {
  return new InvalidError(`${name} has ${length} characters, at most ${MAX_DOCUMENT_LENGTH} can be read.`, {
    code: 'too_large',
    hint: 'Pass only the relevant parts.',
  })
}

function blocksOf(name: string, text: string): readonly TextBlock[] {
  const extension = extensionOf(name)
  if (isCodeName(name)) return [{ kind: 'code', start: 0, end: text.length, headings: [] }]
  if (!RECORD_EXTENSION.test(extension)) return readBlocks(text)
  const records = TABLE_EXTENSION.test(extension) ? recordsOf(text) : linesOf(text)
  return records.map(({ start, end }) => ({ kind: 'row', start, end, headings: [] }))
}

/** The most lines of a record. A quote that is not closed until then is part of its cell. */
const MAX_RECORD_LINES = 100
const QUOTED_CELL = /(?:^|[,;\t|])[^\S\t]*"/

/** The records of a table: a line break in quotes belongs to its cell. */
function recordsOf(text: string): readonly TextRange[] {
  const lines = linesOf(text)
  const records: TextRange[] = []
  const isOdd = (at: number) => lines[at]!.text.split('"').length % 2 === 0
  for (let at = 0; at < lines.length; at++) {
    const { start, end, text: line } = lines[at]!
    let last = at
    if (isOdd(at) && QUOTED_CELL.test(line)) {
      const most = Math.min(lines.length, at + MAX_RECORD_LINES)
      do last++
      while (last < most && !isOdd(last))
      if (last === most) last = at
    }
    records.push({ start, end: Math.max(end, lines[last]!.end) })
    at = last
  }
  return records
}

/** Whether the text of a file with this name is read as code. */
export const isCodeName = (name: string): boolean => CODE_EXTENSION.test(extensionOf(name))

/** Whether each line of a file with this name is a record. */
export const isRecordName = (name: string): boolean => RECORD_EXTENSION.test(extensionOf(name))

const extensionOf = (name: string) => `.${extname(name).slice(1)}`

function rangesOf(text: string, block: TextBlock): readonly TextRange[] {
  if (block.kind === 'code') return codeRanges(text, block)
  return block.kind === 'row' ? cutLongRange(text, trimRange(text, block), MAX_ROW_LENGTH) : sentenceRanges(text, block)
}

/** Code is cut at blank lines, and at the latest after this many lines. */
function codeRanges(text: string, block: TextBlock): TextRange[] {
  const ranges: { start: number; end: number; lines: number }[] = []
  let joined = false
  for (const { start, end } of codeLines(text, block)) {
    const last = ranges.at(-1)
    if (text.slice(start, end).trim() === '') joined = false
    else if (joined && last && last.lines < MAX_CODE_LINES) Object.assign(last, { end, lines: last.lines + 1 })
    else joined = ranges.push({ start, end, lines: 1 }) > 0
  }
  return ranges
}

/** A line of minified code counts as several lines. */
function codeLines(text: string, { start, end }: TextRange): TextRange[] {
  return linesOf(text.slice(start, end)).flatMap((line) =>
    cutLongRange(text, { start: start + line.start, end: start + line.end }),
  )
}

type Read = {
  readonly text: string
  readonly columns: Columns | undefined
  readonly isJsonLines: boolean
  lineAt(offset: number): number
}

function passageOf(
  { text, columns, isJsonLines, lineAt }: Read,
  block: TextBlock,
  index: number,
  range: TextRange,
): Passage {
  const slice = text.slice(range.start, range.end)
  const under = columns && range.start >= columns.end ? columns : undefined
  return {
    text: under ? plainCells(slice, under) : isJsonLines ? labelFields(slice) : textOf(slice, block),
    kind: block.kind,
    line: lineAt(range.start),
    endLine: lineAt(Math.max(range.start, range.end - 1)),
    start: range.start,
    end: range.end,
    heading: under?.line ?? headingOf(block),
    block: index,
  }
}

/** A row has the names of its columns before its cells. */
function textOf(slice: string, { kind, columns }: TextBlock): string {
  if (columns === undefined) return kind === 'code' ? slice : plainText(slice, kind)
  return nameCells(plainRow(slice), plainRow(columns))
}

const headingOf = ({ headings, columns }: TextBlock) =>
  [
    ...headings.map((heading) => plainText(heading, 'paragraph')),
    ...(columns === undefined ? [] : [namesHeading(plainRow(columns))]),
  ].join(' › ')

const plainRow = (row: string) => cellsOfRow(row).map((cell) => plainText(cell, 'paragraph'))

const plainCells = (line: string, columns: Columns) => labelCells(line, columns).replace(/\s+/g, ' ').trim()

/** Line numbers by binary search over the starts of lines. */
function lineFinder(text: string): (offset: number) => number {
  const starts = linesOf(text).map((line) => line.start)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

const HTML_TAGS =
  'a|b|blockquote|br|center|code|details|div|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|picture|pre|source|span|strong|sub|' +
  'summary|sup|table|tbody|td|th|thead|tr|u|ul'

const MARKUP: readonly (readonly [mark: RegExp, replacement: string])[] = [
  // a place where a word may be parted, and marks without a width that shape no letter
  [/[\u00ad\u200b\u2060\ufeff]+/g, ''],
  [/\r?\n[ \t]*(?:>[ \t]?)*/g, ' '],
  [/!\[[^\]]{0,200}\]\([^)]{0,500}\)/g, ''],
  [/\[([^\]]{0,300})\](?:\([^)]{0,500}\)|\[[^\]]{0,100}\])/g, '$1'],
  [new RegExp(`</?(?:${HTML_TAGS})(?:\\s[^<>\\n]{0,300})?/?>`, 'gi'), ' '],
  [/(^|[\s("'])(\*{1,3}|_{1,3})(?=\S)([^*_]{1,300})\2(?=$|[\s).,;:!?"'])/g, '$1$3'],
  [/`([^`]{1,300})`/g, '$1'],
  // emphasis within which a sentence ends
  [/^\s*\*{2,3}\s*|(?<!\s)\s*\*{2,3}\s*$/g, ''],
]

/** Short Markdown or HTML as plain text; the cells of a table row are joined by dashes. */
export function plainText(text: string, kind: TextBlock['kind']): string {
  const cells = kind === 'row' ? cellsOfRow(text).filter(Boolean).join(' — ') : joinLineEnds(text)
  const plain = MARKUP.reduce((rest, [mark, replacement]) => rest.replace(mark, replacement), cells)
  return plain.replace(/\s+/g, ' ').trim()
}

/** Fields of one line that are read; more are as good as a table of their own. */
const MAX_FIELDS = 200

/**
 * A line of JSON Lines with the name of each field before its value: `name: Skua, born.year: 1957`. Empty values are
 * left out. A line that is not an object stays as it is.
 */
function labelFields(line: string): string {
  const fields: string[] = []
  const value = tryParseExact(line)
  if (!isJsonObject(value)) return line
  collect(value, '', fields)
  return fields.length === 0 || fields.length > MAX_FIELDS ? line : fields.join(', ').replace(/\s+/g, ' ').trim()
}

function collect(value: unknown, path: string, fields: string[]): void {
  if (fields.length > MAX_FIELDS) return
  if (isJsonObject(value))
    for (const [key, field] of Object.entries(value)) collect(field, path === '' ? key : `${path}.${key}`, fields)
  else if (Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null)) {
    if (value.length > 0) fields.push(`${path}: ${value.join('; ')}`)
  } else if (Array.isArray(value)) value.forEach((one, at) => collect(one, `${path}.${at + 1}`, fields))
  else if (value !== null && value !== '') fields.push(`${path}: ${value}`)
}
