/** A text in quotes where YAML needs them; `added`: where, in the new text, stand characters that the old one has not. */
export type Protected = { readonly text: string; readonly added: readonly number[] }

/**
 * Puts quotes around plain values that hold an <AUTO> tag, as their authors forget to where the tag has a `: ` or ` #`. A tag ends with
 * its value; texts in blocks and in quotes are left alone.
 */
export function protectTags(text: string): Protected {
  const edits: Edit[] = []
  let at = 0
  while (at < text.length) {
    const line = lineAt(text, at)
    const [prefix] = /^ *(?:- +)*(?:[\w.$-]+ *: +)?/.exec(line)!
    const value = line.slice(prefix.length)
    const depth = indentOf(prefix)
    if (/^[|>][-+\d]* *(?:#.*)?$/.test(value)) at = endOfBlock(text, at, depth)
    else if (/^[[{]/.test(value)) at = quoteInFlow(text, at + prefix.length, line.length - prefix.length, edits)
    else if (/^[^"'&*!#]/.test(value) && value.includes('<AUTO'))
      at = quoteValue(text, at + prefix.length, depth, edits)
    else at += line.length + 1
  }
  return apply(text, edits)
}

type Edit = { readonly from: number; readonly to: number }

const lineAt = (text: string, at: number) => text.slice(at, endOfLine(text, at))

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** The column of the map or list that a line's value belongs to. */
function indentOf(prefix: string): number {
  const key = /[\w.$-]+ *: +$/.exec(prefix)
  return key ? key.index : Math.max(0, prefix.trimEnd().length - 1)
}

/** Where the first line begins that is not deeper than `depth`. */
function endOfBlock(text: string, at: number, depth: number): number {
  let next = endOfLine(text, at) + 1
  while (next < text.length && isDeeper(lineAt(text, next), depth)) next = endOfLine(text, next) + 1
  return next
}

function isDeeper(line: string, depth: number): boolean {
  return line.trim() === '' || /^ */.exec(line)![0].length > depth
}

/** Quotes the value that starts there, up to the end of the line on which its last tag ends; returns where to go on. */
function quoteValue(text: string, start: number, depth: number, edits: Edit[]): number {
  const value = text.slice(start, endOfBlock(text, start, depth)).trimEnd()
  const closed = endOfTags(value)
  const lineEnd = endOfLine(value, closed)
  const comment = value.slice(closed, lineEnd).search(/(?:^| )#/)
  const end = start + (comment < 0 ? lineEnd : closed + comment)
  edits.push({ from: start, to: start + text.slice(start, end).trimEnd().length })
  return endOfLine(text, end) + 1
}

/** Where the tag that opens first is closed, counting tags inside; of one that is not, where it opens. */
function endOfTags(value: string): number {
  let open = 0
  let end = value.indexOf('<AUTO')
  for (const { 0: tag, index } of value.matchAll(/<AUTO\b|<\/AUTO>/g)) {
    open += tag === '</AUTO>' ? -1 : 1
    if (open <= 0) end = index + tag.length
  }
  return end
}

/** Quotes the tags that are whole values in `{ }` or `[ ]` on one line. */
function quoteInFlow(text: string, start: number, length: number, edits: Edit[]): number {
  const flow = text.slice(start, start + length)
  for (const { 0: tag, index } of flow.matchAll(/(?<=[:,[{] *)<AUTO\b.*?<\/AUTO>/g))
    edits.push({ from: start + index, to: start + index + tag.length })
  return start + length + 1
}

function apply(text: string, edits: readonly Edit[]): Protected {
  const added: number[] = []
  let out = ''
  let done = 0
  const quote = () => {
    added.push(out.length)
    out += "'"
  }
  for (const { from, to } of edits) {
    out += text.slice(done, from)
    quote()
    for (const piece of text.slice(from, to).split(/(?<=')/)) {
      out += piece
      if (piece.endsWith("'")) quote()
    }
    quote()
    done = to
  }
  return { text: out + text.slice(done), added }
}
