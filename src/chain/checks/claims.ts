import { linesOf } from '../../model/text/blocks.ts'
import { sentenceRanges } from '../../model/text/sentences.ts'

/** A sentence of an answer without its citations. */
type Claim = { readonly text: string; readonly isCited: boolean }

const TAG = /(?<!\s)\s*<vid>[^<]{0,200}<\/vid>/gi
const MARK = /^\s*(?:[-*+•]|\d{1,3}[.)]|>)\s+/
const HEADING = /^\s*#{1,6}\s/
/** Lines that state nothing of a text: a line that leads to a list, and a part that nothing answers. */
const NO_CLAIM = /:$|^The texts do not say:/i

/** The sentences of an answer that state something. A citation belongs to the sentence before it, on its line. */
export function claimsOf(answer: string): readonly Claim[] {
  return linesOf(answer)
    .map(({ start, end }) => answer.slice(start, end))
    .filter((line) => line.trim() !== '' && !HEADING.test(line))
    .flatMap(claimsOfLine)
}

function claimsOfLine(marked: string): readonly Claim[] {
  const line = marked.replace(MARK, '')
  const cites: number[] = []
  let removed = 0
  const text = line.replace(TAG, (tag, at: number) => {
    cites.push(at - removed)
    removed += tag.length
    return ''
  })
  const ranges = sentenceRanges(text, { start: 0, end: text.length })
  return ranges.flatMap(({ start, end }, place) => {
    const words = text.slice(start, end)
    const next = ranges[place + 1]?.start ?? text.length + 1
    // a sentence with its citation before the full stop is cited, too
    const isCited = cites.some((at) => at > start && at < next)
    return /[\p{L}\p{N}]/u.test(words) && !NO_CLAIM.test(words) ? [{ text: words, isCited }] : []
  })
}
