/** A run of lines that belong together; offsets count characters from the start of the text, `end` is exclusive. */
export type TextBlock = {
  readonly kind: 'paragraph' | 'item' | 'row' | 'code'
  readonly start: number
  readonly end: number
  /** the headings above it, outermost first */
  readonly headings: readonly string[]
  /** for a row: the row of its column names, as written */
  readonly columns?: string
}

type Line = { readonly text: string; readonly start: number; readonly end: number }
type BlockReader = {
  readonly text: string
  readonly blocks: TextBlock[]
  headings: (string | undefined)[]
  /** without marks, below the headings with marks */
  title?: string
  /** the first row of the table */
  columns?: string | undefined
  open?: { readonly kind: TextBlock['kind']; readonly start: number; end: number; lines: number }
  fence?: string
}

const FENCE = /^\s{0,12}(```|~~~)/
const HEADING = /^ {0,3}(#{1,6})\s+(.{1,300})$/
const HTML_HEADING = /^\s{0,8}<h([1-6])(?:\s[^<>]{0,300})?>(.{1,300})<\/h\1>\s*$/i
const UNDERLINE = /^\s{0,8}(={3,}|-{3,}|~{3,})\s*$/
const RULE = /^[\s=~*_+|:-]*$/
const ROW = /^\s*\|.*\||\S\s+\|\s+\S/
const ITEM = /^\s*(?:[-*+•]|\d{1,3}[.)]|\([a-z0-9]{1,3}\)|[a-z]\))\s+(?=\S)/

/** The blocks of a text or Markdown: paragraphs, list items, table rows, code; headings become their trail. */
export function readBlocks(text: string): readonly TextBlock[] {
  const reader: BlockReader = { text, blocks: [], headings: [] }
  for (const line of linesOf(text)) takeLine(reader, line)
  closeBlock(reader)
  return reader.blocks
}

/** The lines of a text without their ends. */
export function linesOf(text: string): readonly Line[] {
  let start = 0
  return text.split('\n').map((raw) => {
    const line = { text: raw.replace(/\r$/, ''), start, end: start + raw.replace(/\r$/, '').length }
    start += raw.length + 1
    return line
  })
}

function takeLine(reader: BlockReader, line: Line): void {
  const fence = FENCE.exec(line.text)?.[1]
  if (reader.fence !== undefined) takeFenced(reader, line, fence)
  else if (fence !== undefined) openFence(reader, fence)
  else if (HEADING.test(line.text)) takeHeading(reader, line)
  else if (HTML_HEADING.test(line.text)) takeHtmlHeading(reader, line)
  else if (UNDERLINE.test(line.text) && reader.open?.kind === 'paragraph' && reader.open.lines === 1)
    underline(reader, line)
  else if (RULE.test(line.text)) takeRule(reader, line)
  else takeText(reader, line)
}

/** A rule below a row makes it the row of the column names: it says nothing itself. A blank line ends the table. */
function takeRule(reader: BlockReader, line: Line): void {
  const last = reader.open === undefined ? reader.blocks.at(-1) : undefined
  closeBlock(reader)
  const isBelow = last !== undefined && /^\r?\n$/.test(reader.text.slice(last.end, line.start))
  const isHeader =
    isBelow && last.kind === 'row' && reader.columns === undefined && line.text.includes('|') && line.text.includes('-')
  if (isHeader) reader.blocks.pop()
  reader.columns = isHeader ? reader.text.slice(last.start, last.end) : undefined
}

function openFence(reader: BlockReader, fence: string): void {
  closeBlock(reader)
  reader.fence = fence
}

function takeFenced(reader: BlockReader, line: Line, fence: string | undefined): void {
  if (fence === reader.fence) closeFence(reader)
  else extend(reader, 'code', line.start, line)
}

function closeFence(reader: BlockReader): void {
  closeBlock(reader)
  delete reader.fence
}

function takeHeading(reader: BlockReader, line: Line): void {
  const [, marks = '#', title = ''] = HEADING.exec(line.text) ?? []
  closeBlock(reader)
  setHeading(reader, marks.length, title.replace(/\s#+\s*$/, ''))
}

function takeHtmlHeading(reader: BlockReader, line: Line): void {
  const [, level = '1', title = ''] = HTML_HEADING.exec(line.text) ?? []
  closeBlock(reader)
  setHeading(reader, Number(level), title)
}

function underline(reader: BlockReader, line: Line): void {
  const { start, end } = reader.open!
  delete reader.open
  setHeading(reader, line.text.includes('=') ? 1 : 2, reader.text.slice(start, end))
}

function setHeading(reader: BlockReader, level: number, title: string): void {
  delete reader.title
  reader.headings = [...Array.from({ length: level - 1 }, (_, above) => reader.headings[above]), title.trim()]
}

function takeText(reader: BlockReader, line: Line): void {
  if (isBelowTitle(reader, line)) takeTitle(reader)
  const item = ITEM.exec(line.text)?.[0]
  if (item !== undefined) openBlock(reader, 'item', line.start + item.length, line)
  else if (ROW.test(line.text)) takeRow(reader, line)
  else extend(reader, 'paragraph', line.start, line)
}

/** Whether the open block is a single line that is the title of this line. */
function isBelowTitle({ text, open }: BlockReader, line: Line): boolean {
  if (open?.lines !== 1 || open.kind === 'row' || open.kind === 'code') return false
  return isTitleOf(text.slice(open.start, open.end), line.text)
}

function takeTitle(reader: BlockReader): void {
  const { start, end } = reader.open!
  delete reader.open
  reader.title = reader.text.slice(start, end).trim()
}

function takeRow(reader: BlockReader, line: Line): void {
  openBlock(reader, 'row', line.start, line)
  closeBlock(reader)
}

function openBlock(reader: BlockReader, kind: TextBlock['kind'], start: number, line: Line): void {
  closeBlock(reader)
  extend(reader, kind, start, line)
}

/** A line continues the open block: a hard-wrapped item is still one item. */
function extend(reader: BlockReader, kind: TextBlock['kind'], start: number, line: Line): void {
  reader.open ??= { kind, start, end: line.end, lines: 0 }
  reader.open.end = line.end
  reader.open.lines++
}

function closeBlock(reader: BlockReader): void {
  if (reader.open === undefined) return
  const { kind, start, end } = reader.open
  if (kind !== 'row') delete reader.columns
  const headings = [...reader.headings, reader.title].filter((heading) => heading !== undefined)
  reader.blocks.push({ kind, start, end, headings, ...(reader.columns !== undefined && { columns: reader.columns }) })
  delete reader.open
}

const MAX_TITLE_LENGTH = 60
/** A longer line is prose, even if its sentence ends further below. */
const MIN_PROSE_LENGTH = 40
const MAX_TITLE_WORDS = 8
/** If a sentence was wrapped here, the lines below are at least this long. */
const MIN_WRAP_RATIO = 1.5
const OPENING = /^["'“‘(*_]{0,4}[\p{Lu}\d]/u
const ENDED = /[.!?:;,…–—-][*_"'”’)]{0,4}$/u
const SENTENCE = /[.!?:;][*_"'”’)]{0,4}$/u
/** No sentence ends with one of these words: the line continues below. */
const UNFINISHED =
  /\b(?:a|an|the|and|or|but|of|in|on|at|to|for|from|by|with|than|that|which|who|is|are|was|were|as|if|not|no|mr|mrs|ms|dr|st)$/i

/**
 * Whether a line without marks is the title of the line below it, as in plain text: it is short, does not begin a
 * sentence, and stands above a line that does.
 */
function isTitleOf(line: string, below: string): boolean {
  const title = line.trim()
  const isShort = title.length <= MAX_TITLE_LENGTH && title.split(/\s+/).length <= MAX_TITLE_WORDS
  if (!isShort || !OPENING.test(title) || ENDED.test(title) || UNFINISHED.test(title)) return false
  // the continuation of a list item is indented
  return (
    OPENING.test(below) &&
    below.length >= MIN_WRAP_RATIO * title.length &&
    (below.length >= MIN_PROSE_LENGTH || SENTENCE.test(below.trim()))
  )
}
