import { settleStruck, struckMark } from '../../lib/text/struck.ts'
import { linesOf } from './blocks.ts'
import { isCodeName, isRecordName } from './passages.ts'
import type { TextRange } from './sentences.ts'

/** Two tildes, tags of struck text, and what struck text of Markdown never reaches over. */
const TOKEN =
  /(?<![~\\])~~(?!~)|<(\/?)(del|s|strike)(?:\s[^<>]{0,300})?>|\n[ \t]{0,20}(?:\r?\n|[-*+•][ \t]|\d{1,3}[.)][ \t]|#)|(?<!\\)\|/gi
const FENCE = /^[ \t>]{0,12}(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(```|~~~)/
const CODE_SPAN = /(?<!`)(`{1,3})(?!`)(?:(?!\1)[^\n]|\n(?![ \t]*\n)){1,1000}?\1(?!`)/g
/** TeX has two tildes for two spaces. */
const OTHER_TILDES = /\.(?:tex|sty|bib|ltx)$/i

/**
 * A text in Markdown without what is struck in it: each sentence says how many words it lacks, and lines keep their
 * numbers. Code keeps its signs, and so do files of code and of records.
 */
export function leaveOutStruck(name: string, text: string): { readonly text: string; readonly words: number } {
  if (isCodeName(name) || isRecordName(name) || OTHER_TILDES.test(name)) return { text, words: 0 }
  if (!/~~|<\/(?:del|s|strike)\s*>/i.test(text)) return { text, words: 0 }
  let marked = ''
  let done = 0
  for (const { start, end } of struckRanges(withoutCode(text))) {
    const struck = text.slice(start, end)
    marked +=
      text.slice(done, start) + struckMark(struck.replace(/<[^<>]{0,300}>/g, ' ')) + struck.replace(/[^\n]/g, '')
    done = end
  }
  return settleStruck(marked + text.slice(done))
}

/** The ranges of struck text with its signs, in order. A range of tags may reach over blocks, one of tildes may not. */
function struckRanges(text: string): readonly TextRange[] {
  const ranges: TextRange[] = []
  let tildes: number | undefined
  let tags: { readonly start: number; depth: number } | undefined
  for (const { 0: token, 1: slash, 2: tag, index } of text.matchAll(TOKEN)) {
    const end = index + token.length
    if (tag !== undefined && slash === '') {
      if (tags) tags.depth++
      else tags = { start: index, depth: 1 }
    } else if (tag !== undefined && tags && --tags.depth === 0) {
      while (ranges.length > 0 && ranges.at(-1)!.start > tags.start) ranges.pop()
      ranges.push({ start: tags.start, end })
      tags = undefined
      tildes = undefined
    } else if (token !== '~~') {
      if (tag === undefined) tildes = undefined
    } else if (tildes !== undefined && /\S/.test(text[index - 1] ?? ' ')) {
      ranges.push({ start: tildes, end })
      tildes = undefined
    } else if (/\S/.test(text[end] ?? ' ')) tildes = index
  }
  return ranges
}

/** The text with blanks in place of its code. */
function withoutCode(text: string): string {
  const blank = (found: string) => found.replace(/[^\n]/g, '\0')
  let fence: string | undefined
  let [isIndented, isText, isList] = [false, false, false]
  const lines = linesOf(text).map(({ text: line, start }, at, all) => {
    const raw = text.slice(start, all[at + 1]?.start ?? text.length)
    const mark = FENCE.exec(line)?.[1]
    const wasFenced = fence !== undefined
    if (fence === undefined) fence = mark
    else if (mark === fence) fence = undefined
    const isBlank = line.trim() === ''
    // an indented line is code after a blank one, but text of a list item goes on in it
    isIndented = /^(?: {4}|\t)/.test(line) && (isIndented || !isText)
    if (!isBlank && !/^\s/.test(line)) isList = /^(?:[-*+•]|\d{1,3}[.)])\s/.test(line)
    isText = !isBlank && !isIndented
    return wasFenced || fence !== undefined || (isIndented && !isList) ? blank(raw) : raw
  })
  return lines.join('').replace(CODE_SPAN, blank)
}
