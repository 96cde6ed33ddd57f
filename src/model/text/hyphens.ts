/** A hyphen at the end of a line, also a soft one. A mark of a quote may stand before the rest of the word. */
const LINE_END = /[-\u2010\u00ad][ \t]{0,8}\r?\n[ \t\f]{0,40}(?:>[ \t]?){0,4}/g
const WORD_BEFORE = /\p{L}[\p{L}\p{M}]+$/u
const WORD_BEHIND = /^\p{L}[\p{L}\p{M}]+/u
const MAX_WORD = 40
/** The second part of `Haus- und Hofmeister` is not the rest of a word. */
const JOINING = /^(?:und|oder|bzw|bis|and|or|nor|to|et|ou|y|og|och|en)$/
/** The first parts of words that keep their hyphen, such as `well-known`, unless an ending follows. */
const FIRST_PARTS =
  /^(?:well|self|non|half|high|low|long|short|full|cross|ill|old|new|so|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)$/i
const ENDING = /^(?:ing|age|er|est|ly|ness|en|ed|ish|ward|ways?|hand|land|ment|fil|tion|th|teen|ty)/

/** The words of a text in lower case, also those with hyphens, made when they are needed. */
export function wordsWithHyphens(text: string): () => ReadonlySet<string> {
  let words: ReadonlySet<string> | undefined
  return () => (words ??= new Set(text.toLowerCase().match(HYPHENED)))
}

const HYPHENED = /\p{L}[\p{L}\p{M}]*(?:-\p{L}[\p{L}\p{M}]*)*/gu

/**
 * Joins words that were parted at the end of a line: `Repay-` and `ment`, not `well-` and `known`. A word that is
 * `known` with or without its hyphen is joined in that way. `keepLines`: the line ends behind the word.
 */
export function joinLineEnds(text: string, known = wordsWithHyphens(text), { keepLines = false } = {}): string {
  if (!/[-\u2010\u00ad][ \t]{0,8}\r?\n/.test(text)) return text
  let joined = ''
  let done = 0
  for (const { 0: found, index } of text.matchAll(LINE_END)) {
    const end = index + found.length
    const [before] = WORD_BEFORE.exec(text.slice(Math.max(done, index - MAX_WORD), index)) ?? []
    const [behind] = WORD_BEHIND.exec(text.slice(end, end + MAX_WORD)) ?? []
    if (before === undefined || behind === undefined || JOINING.test(behind)) continue
    const hyphen = !found.startsWith('\u00ad') && keepsHyphen(before, behind, known()) ? '-' : ''
    const rest = keepLines ? (/^[^\s]{1,60}[ \t]?/.exec(text.slice(end))?.[0] ?? '') : ''
    joined += `${text.slice(done, index)}${hyphen}${rest.trimEnd()}${keepLines ? '\n' : ''}`
    done = end + rest.length
  }
  return joined + text.slice(done)
}

function keepsHyphen(before: string, behind: string, known: ReadonlySet<string>): boolean {
  // `Baden-Württemberg`
  if (/^\p{Lu}/u.test(behind) && !/\p{Lu}$/u.test(before)) return true
  const [one, other] = [before.toLowerCase(), behind.toLowerCase()]
  if (known.has(`${one}-${other}`)) return true
  return !known.has(`${one}${other}`) && FIRST_PARTS.test(one) && !ENDING.test(other)
}
