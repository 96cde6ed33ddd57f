import { InvalidError, is } from '../../errors.ts'
import { stemOf } from '../../model/text/terms.ts'
import type { SameWords } from '../../thread/protocol/domain.ts'
import { readCells } from '../../tool/builtin/table/csv.ts'

/** A word or a phrase of a term, as its stems. */
type Phrase = { readonly stems: readonly string[]; readonly term: SameWords }

/** Terms by the first stem of each of their phrases, the longest phrase first. */
type TermIndex = ReadonlyMap<string, readonly Phrase[]>

/** A place in a text where a term stands. */
type Mention = { readonly start: number; readonly end: number; readonly term: SameWords; readonly words: string }

const MAX_TERMS = 20_000
const MAX_TERM_LENGTH = 2000
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}\p{Default_Ignorable_Code_Point}]*(?:['’]\p{L}+)?/gu

/**
 * Reads terms from CSV, or from TSV (`tsv`): a name and its synonyms in each line. A first line that begins with `term`
 * or `name` is a heading.
 * @throws InvalidError with the file and the line
 */
export function parseTerms(text: string, file: string, { tsv = false } = {}): readonly SameWords[] {
  const terms: SameWords[] = []
  const lines = new Map<string, number>()
  const signs = tsv ? 'tabs' : 'commas'
  try {
    for (const { cells, line } of readCells(text.replace(/^\uFEFF/, ''), tsv ? '\t' : ',')) {
      const words = cells.map((cell) => cell.trim()).filter(Boolean)
      if (words.length === 0 || (line === 1 && /^(?:terms?|names?)$/i.test(words[0]!))) continue
      if (words.length === 1)
        throw wrong(
          `Expected a name and its synonyms, got only ${quoted(words[0]!)}.`,
          line,
          `${SHAPE}, separated by ${signs}.`,
        )
      if (terms.length === MAX_TERMS) throw wrong(`There are more than ${MAX_TERMS} terms.`, line)
      if (words.join('').length > MAX_TERM_LENGTH)
        throw wrong(`${quoted(words[0]!)} has more than ${MAX_TERM_LENGTH} characters with its synonyms.`, line)
      for (const word of words) noteWord(word, line, lines)
      terms.push(words)
    }
    if (terms.length === 0) throw wrong('There is no term.', 1)
  } catch (error) {
    if (!is(error, 'InvalidError')) throw error
    const { line } = (error as InvalidError).place
    throw new InvalidError(error.message.replace(/^data: /, ''), {
      place: { file, ...(line !== undefined && { line }) },
      hint: error.hint ?? `${SHAPE}, separated by ${signs}.`,
    })
  }
  return terms
}

const SHAPE = 'A line has a name and its synonyms'
const quoted = (word: string) => JSON.stringify(word.slice(0, 80))

function wrong(message: string, line: number, hint?: string): InvalidError {
  return new InvalidError(message, { place: { line }, hint })
}

/** A word that belonged to two terms would make all their words the same. */
function noteWord(word: string, line: number, lines: Map<string, number>): void {
  const key = stemsOf(word).join(' ')
  if (key === '') throw wrong(`${quoted(word)} has no letter and no digit.`, line)
  const before = lines.get(key)
  if (before !== undefined && before !== line)
    throw wrong(
      `${quoted(word)} belongs to two terms.`,
      line,
      `Line ${before} has it, too. Give it to one of them only.`,
    )
  lines.set(key, line)
}

/** The terms, ready to be found in texts. */
export function indexTerms(terms: readonly SameWords[]): TermIndex {
  const phrases = terms.flatMap((term) => term.map((words) => ({ stems: stemsOf(words), term })))
  const longestFirst = phrases.toSorted((one, other) => other.stems.length - one.stems.length)
  return Map.groupBy(longestFirst, ({ stems }) => stems[0]!)
}

const MAX_MENTIONED = 20

/** The terms that a question mentions by any of their words, in any form of these: at most 20. */
export function termsIn(question: string, index: TermIndex): readonly SameWords[] {
  return [...new Set(mentionsIn(question, index).map(({ term }) => term))].slice(0, MAX_MENTIONED)
}

/** Writes the name of a term for each of its words, so that a ranker takes all of them for the same word. */
export function nameTerms(terms: readonly SameWords[]): (text: string) => string {
  const index = indexTerms(terms)
  return (text) => replaceMentions(text, index, ({ term }) => term[0]!)
}

/** The question in words of the texts: a term's word that no text has gives way to another one that a text has. */
export function inWordsOf(texts: readonly string[], question: string, terms: readonly SameWords[]): string {
  const index = indexTerms(terms)
  const said = texts.flatMap((text) => mentionsIn(text, index))
  return replaceMentions(question, index, ({ term, words }) => {
    const known = said.filter((one) => one.term === term)
    const same = stemsOf(words).join(' ')
    const isSaid = known.length === 0 || known.some((one) => stemsOf(one.words).join(' ') === same)
    return isSaid ? words : known[0]!.words
  })
}

function replaceMentions(text: string, index: TermIndex, by: (mention: Mention) => string): string {
  let done = 0
  let replaced = ''
  for (const mention of mentionsIn(text, index)) {
    replaced += text.slice(done, mention.start) + by(mention)
    done = mention.end
  }
  return replaced + text.slice(done)
}

/** The places of terms in a text, in order. The longest phrase counts. */
function mentionsIn(text: string, index: TermIndex): readonly Mention[] {
  if (index.size === 0) return []
  const words = [...text.matchAll(WORD)].map(({ 0: word, index: start }) => ({
    start,
    end: start + word.length,
    stem: stemOf(word.normalize().toLowerCase()),
  }))
  const mentions: Mention[] = []
  for (let at = 0; at < words.length; at++) {
    const phrase = index.get(words[at]!.stem)?.find(({ stems }) => stems.every((one, n) => words[at + n]?.stem === one))
    if (!phrase) continue
    const [{ start }, { end }] = [words[at]!, words[at + phrase.stems.length - 1]!]
    mentions.push({ start, end, term: phrase.term, words: text.slice(start, end) })
    at += phrase.stems.length - 1
  }
  return mentions
}

const stemsOf = (words: string) => [...words.matchAll(WORD)].map(([word]) => stemOf(word.normalize().toLowerCase()))
