import { counted } from './counted.ts'

/** A mark in a text, between signs of private use: how many struck words stood here, or `c` for a tracked change. */
const MARK = /\uE0F0(\d+|c)\uE0F1/g
const AFTER_SPACE = /[ \t]\uE0F0(?:\d+|c)\uE0F1(?=[\s.,;:!?)|\uE0F0]|$)/g
const AT_START = /^\uE0F0(?:\d+|c)\uE0F1[ \t]*/g
/** Where the sentence, cell or block of a mark ends. A line that begins as an item or row begins a block. */
const END =
  /(?<![.!?]|\b(?:e\.g|i\.e|etc|Dr|Mr|Mrs|Ms|St|No|vs|cf|ca|Nr|approx))[.!?]+(?=["'”’)*_]{0,4}(?:\s{1,9}["'“‘(*_]{0,4}[\p{Lu}\d\uE0F0]|[ \t]{0,9}(?:$|[\n|])))|[ \t]{0,9}(?<!\\)\||[ \t]{0,9}\r?\n[ \t]{0,9}(?:\r?\n|[-*+•]\s|\d{1,3}[.)]\s|[#>|]|```|~~~)/gu

/** The mark of a tracked change that is read as accepted. */
export const CHANGE_MARK = '\uE0F0c\uE0F1'

/** The mark of struck words; empty if there are none. */
export function struckMark(text: string): string {
  const { length } = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  return length === 0 ? '' : `\uE0F0${length}\uE0F1`
}

/** A text without its marks, and its marks. */
export function partMarks(text: string): { readonly text: string; readonly marks: string } {
  return { text: text.replace(MARK, ''), marks: text.match(MARK)?.join('') ?? '' }
}

const struckWords = (count: number): string => counted(count, 'struck word')

/** The gap of a file with struck words. */
export const struckGap = (count: number): string =>
  `it has ${struckWords(count)}, which ${count === 1 ? 'is' : 'are'} left out`

/** The text without marks: the sentence, cell or block of a mark says how many words it lacks, and what changed it. */
export function settleStruck(marked: string): { readonly text: string; readonly words: number } {
  const parts: string[] = []
  let [done, words] = [0, 0]
  for (let at = marked.indexOf('\uE0F0'); at >= 0; at = marked.indexOf('\uE0F0', done)) {
    END.lastIndex = at
    const end = END.exec(marked)?.index ?? marked.trimEnd().length
    const { count, note } = noteOn(marked.slice(at, end))
    const start = done + marked.slice(done, at).lastIndexOf('\n') + 1
    const rest = marked.slice(start, end).replace(AFTER_SPACE, '').replace(AT_START, '').replace(MARK, '').trimEnd()
    parts.push(marked.slice(done, start), withNote(rest, note))
    words += count
    done = Math.max(end, at + 1)
  }
  return { text: parts.join('') + marked.slice(done), words }
}

/** The note stands within the sentence. */
function withNote(rest: string, note: string): string {
  if (rest === '' || note === '') return rest + note
  const [end = ''] = /(?<![.!?])[.!?]+["'”’)*_]{0,4}$/.exec(rest) ?? []
  return `${rest.slice(0, rest.length - end.length)} ${note}${end}`
}

function noteOn(marked: string): { readonly count: number; readonly note: string } {
  const marks = [...marked.matchAll(MARK)].map(([, mark = '']) => mark)
  const changes = marks.filter((mark) => mark === 'c').length
  const count = marks.reduce((sum, mark) => sum + (mark === 'c' ? 0 : Number(mark)), 0)
  const notes = [
    ...(count > 0 ? [`${struckWords(count)} left out`] : []),
    ...(changes > 0 ? [`${counted(changes, 'tracked change')} accepted`] : []),
  ]
  return { count, note: notes.length > 0 ? `(${notes.join(', ')})` : '' }
}
