const LONGEST = 60
/** From so many characters on a line is prose, also where its sentence ends further below. */
const PROSE = 40
const MOST_WORDS = 8
/** A sentence that was wrapped here would leave shorter lines than this below. */
const TIMES = 1.5
const OPENING = /^["'“‘(*_]{0,4}[\p{Lu}\d]/u
const ENDED = /[.!?:;,…–—-][*_"'”’)]{0,4}$/u
const SENTENCE = /[.!?:;][*_"'”’)]{0,4}$/u
/** Nothing ends with one of these: the line goes on below. */
const UNFINISHED =
  /\b(?:a|an|the|and|or|but|of|in|on|at|to|for|from|by|with|than|that|which|who|is|are|was|were|as|if|not|no|mr|mrs|ms|dr|st)$/i

/**
 * Whether a line without marks is the title of the line below it, as in plain text: short, not the beginning of a sentence, and above a line
 * that begins one.
 */
export function isTitleOf(line: string, below: string): boolean {
  const title = line.trim()
  const isShort = title.length <= LONGEST && title.split(/\s+/).length <= MOST_WORDS
  if (!isShort || !OPENING.test(title) || ENDED.test(title) || UNFINISHED.test(title)) return false
  // a line of a list item that goes on is indented
  return (
    OPENING.test(below) &&
    below.length >= TIMES * title.length &&
    (below.length >= PROSE || SENTENCE.test(below.trim()))
  )
}
