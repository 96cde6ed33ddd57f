/** A text as YAML needs it. `added`: the positions of added characters in the new text. */
type EscapedText = { readonly text: string; readonly added: readonly number[] }

/**
 * Accepts texts that other YAML readers accept. It quotes plain values that contain an <AUTO> tag, since authors forget
 * the quotes when the tag contains `: ` or ` #`; a tag ends with its value. It indents the continuation lines of quoted
 * texts that are not indented enough: YAML folds them anyway. Block texts stay as they are.
 */
export function escapeTemplates(text: string): EscapedText {
  const edits: Edit[] = []
  const mending: EscapeProgress = { edits, left: text.length * SCAN_FACTOR }
  let at = 0
  while (at < text.length) {
    const line = lineAt(text, at)
    const [prefix] = /^ *(?:- +)*(?:[\w.$-]+ *: +)?/.exec(line)!
    const value = line.slice(prefix.length)
    const depth = indentOf(prefix)
    if (/^[|>][-+\d]* *(?:#.*)?$/.test(value)) at = endOfBlock(text, at, depth)
    else if (/^[[{]/.test(value)) at = quoteInFlow(text, at + prefix.length, line.length - prefix.length, edits)
    else if (/^["']/.test(value)) at = indentQuoted(text, at + prefix.length, depth, edits)
    else if (/^[^&*!#]/.test(value) && value.includes('<AUTO'))
      at = quoteValue(text, at + prefix.length, depth, mending)
    else at += line.length + 1
  }
  return applyEdits(text, edits)
}

/** The edits so far, and the number of characters that may still be scanned for ends of values. */
type EscapeProgress = { readonly edits: Edit[]; left: number }
/** Values follow one another, so only tags without an end are scanned again on each line. */
const SCAN_FACTOR = 3

/** An edit: a range to quote, or spaces to insert. */
type Edit = { readonly from: number; readonly to: number } | { readonly from: number; readonly spaces: number }

const lineAt = (text: string, at: number) => text.slice(at, endOfLine(text, at))

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** The column of the map or list that a line's value belongs to. */
function indentOf(prefix: string): number {
  const key = /(?<![\w.$-])[\w.$-]+ *: +$/.exec(prefix)
  return key ? key.index : Math.max(0, prefix.trimEnd().length - 1)
}

/** The offset of the first line that is not deeper than `depth`. */
function endOfBlock(text: string, at: number, depth: number): number {
  let next = endOfLine(text, at) + 1
  while (next < text.length && isDeeper(lineAt(text, next), depth)) next = endOfLine(text, next) + 1
  return next
}

const isDeeper = (line: string, depth: number): boolean => line.trim() === '' || /^ */.exec(line)![0].length > depth

/** Quotes the value at `start`, up to the end of the line on which its last tag ends. Returns the offset after it. */
function quoteValue(text: string, start: number, depth: number, mending: EscapeProgress): number {
  const stop = mending.left > 0 ? endOfBlock(text, start, depth) : endOfLine(text, start)
  mending.left -= stop - start
  const value = text.slice(start, stop).trimEnd()
  const closed = endOfTags(value)
  const lineEnd = endOfLine(value, closed)
  const comment = value.slice(closed, lineEnd).search(/(?:^| )#/)
  const end = start + (comment < 0 ? lineEnd : closed + comment)
  mending.edits.push({ from: start, to: start + text.slice(start, end).trimEnd().length })
  return endOfLine(text, end) + 1
}

/** The end of the last closed tag, counting nested tags; the start of the first tag if none is closed. */
function endOfTags(value: string): number {
  let open = 0
  let end = value.indexOf('<AUTO')
  for (const { 0: tag, index } of value.matchAll(/<AUTO\b|<\/AUTO>/g)) {
    open += tag === '</AUTO>' ? -1 : 1
    if (open <= 0) end = index + tag.length
  }
  return end
}

/** Quotes tags that are whole values in `{ }` or `[ ]` on one line. */
function quoteInFlow(text: string, start: number, length: number, edits: Edit[]): number {
  const flow = text.slice(start, start + length)
  let opened: number | undefined
  for (const { 0: mark, index } of flow.matchAll(/<AUTO\b(?<=[:,[{] *<AUTO)|<\/AUTO>/g)) {
    if (mark === '<AUTO') opened ??= start + index
    else if (opened !== undefined) {
      edits.push({ from: opened, to: start + index + mark.length })
      opened = undefined
    }
  }
  return start + length + 1
}

/** Indents continuation lines of a quoted value, unless a key among them shows that its closing quote is missing. */
function indentQuoted(text: string, start: number, depth: number, edits: Edit[]): number {
  const pattern = text[start] === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED
  pattern.lastIndex = start
  const [quoted] = pattern.exec(text) ?? []
  const lines = quoted?.split('\n').slice(1) ?? []
  if (quoted === undefined || lines.some((line) => KEY_LINE.test(line))) return endOfLine(text, start) + 1
  let at = start
  for (const line of lines) {
    at = endOfLine(text, at) + 1
    if (!isDeeper(line, depth)) edits.push({ from: at, spaces: depth + 1 })
  }
  return endOfLine(text, start + quoted.length) + 1
}

const DOUBLE_QUOTED = /"(?:[^"\\]|\\[\s\S])*"(?=[ \t]*(?:#.*)?$)/my
const SINGLE_QUOTED = /'(?:[^']|'')*'(?=[ \t]*(?:#.*)?$)/my
const KEY_LINE = /^ *(?:- +)?[\w.$-]+ *:(?: |$)/

function applyEdits(text: string, edits: readonly Edit[]): EscapedText {
  const added: number[] = []
  let out = ''
  let done = 0
  const add = (character: string) => {
    added.push(out.length)
    out += character
  }
  const quote = (value: string) => {
    add("'")
    for (const piece of value.split(/(?<=')/)) {
      out += piece
      if (piece.endsWith("'")) add("'")
    }
    add("'")
  }
  for (const edit of edits) {
    out += text.slice(done, edit.from)
    done = 'to' in edit ? edit.to : edit.from
    if ('spaces' in edit) for (let count = 0; count < edit.spaces; count++) add(' ')
    else quote(text.slice(edit.from, edit.to))
  }
  return { text: out + text.slice(done), added }
}
