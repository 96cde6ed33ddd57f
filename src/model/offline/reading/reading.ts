import { present } from '../../../lib/json/present.ts'
import type { Embedder } from '../../embed/embedder.ts'
import type { Document } from '../../prompt/task.ts'
import { createRanker, type Ranked, understandsPassages } from '../../rank/ranker.ts'
import { type Passage, splitPassages } from '../../text/passages.ts'
import type { TextRange } from '../../text/sentences.ts'

/** A passage and the number of its document: the names of documents may be equal. */
export type SourcePassage = Passage & { readonly id: string; readonly document: number }

/** A part of a document as it is written, and its start there. */
export type DocumentExcerpt = {
  readonly document: number
  readonly text: string
  readonly start: number
  /** when it was written, in ms since the epoch, if that is known */
  readonly at?: number
}

/** Documents split into passages and indexed once: all tasks work on this. */
export interface IndexedDocuments {
  /** all text that is searched for patterns: whole documents with headings */
  readonly excerpts: readonly DocumentExcerpt[]
  readonly passages: readonly SourcePassage[]
  readonly embedder: Embedder | undefined
  rank(question: string, limit: number, about?: string): Promise<Ranked<SourcePassage>[]>
  /** a reading of only these passages */
  only(passages: readonly SourcePassage[]): IndexedDocuments
}

export type IndexOptions = { readonly embedder?: Embedder | undefined; readonly signal?: AbortSignal | undefined }

/** Reads documents. Offsets of passages refer to the documents as given. */
export function indexDocuments(documents: readonly Document[], options: IndexOptions): IndexedDocuments {
  const excerpts = documents.map(({ text, at }, document) => ({ document, text, start: 0, ...present({ at }) }))
  const { embedder, ...others } = options
  const passages = documents.flatMap(({ name, text }, document) =>
    splitPassages(name, text).map((passage, at) => ({ ...passage, id: `${document}.${at}`, document })),
  )
  const able = embedder && understandsPassages(embedder, passages) && { embedder }
  return createReading(excerpts, passages, { ...others, ...able })
}

function createReading(
  excerpts: readonly DocumentExcerpt[],
  passages: readonly SourcePassage[],
  options: IndexOptions,
): IndexedDocuments {
  const ranker = createRanker(passages)
  const { embedder, signal } = options
  return {
    excerpts,
    passages,
    embedder,
    rank: (question, limit, about) => ranker.rank(question, { limit, ...present({ about, embedder, signal }) }),
    only: (some) => createReading(some.map(excerptOf), some, options),
  }
}

const excerptOf = ({ document, text, start }: SourcePassage): DocumentExcerpt => ({ document, text, start })

/** Passages after one that ends with a colon, and that belong to it: the maximum. */
const MAX_INTRODUCED = 12
/** A sentence that begins like this cannot be understood without the one before. */
const LEANING =
  /^(?:it|its|this|that|these|those|they|their|he|she|such|so|however|therefore|otherwise|instead|then)\b/i
/** The same, with a pronoun behind its first words: `In 2024 it moved.` */
export const LEANING_WORDS =
  /^(?:(?:\S+ ){0,4}(?:it|they|he|she)|its|this|that|these|those|their|his|her|such|so|however|therefore|otherwise|instead|then)\b/i

/**
 * The context of a passage: the previous sentence if it starts with `it` or similar, and the list
 * after its colon. More context contained the answer in only 3 of 61 measured cases.
 */
export function contextPassages(passage: SourcePassage, passages: readonly SourcePassage[]): readonly SourcePassage[] {
  const place = passages.findIndex(({ id }) => id === passage.id)
  const before = passages[place - 1]
  const isLeaning = before && before.document === passage.document && LEANING.test(passage.text)
  const subject = isLeaning ? (before.block === passage.block ? before : subjectAbove(place, passages)) : undefined
  return [...(subject ? [subject] : []), ...introducedPassages(passage, passages)]
}

/** The most paragraphs between one that begins with `It` or `This` and the one that names its subject. */
const MAX_BLOCKS_ABOVE = 4
const LEANING_THING = /^The (?:release|version|product|same)\b/

/** The first sentence of the nearest paragraph above, under the same heading, that names its subject itself. */
function subjectAbove(place: number, passages: readonly SourcePassage[]): SourcePassage | undefined {
  const own = passages[place]!
  let [block, seen] = [own.block, 0]
  for (let at = place - 1; at >= 0 && seen <= MAX_BLOCKS_ABOVE; at--) {
    const one = passages[at]!
    const isBeside = one.document === own.document && one.heading === own.heading && one.kind === 'paragraph'
    if (!isBeside || own.kind !== 'paragraph') return undefined
    if (one.block !== block) [block, seen] = [one.block, seen + 1]
    const isFirst = passages[at - 1]?.block !== one.block || passages[at - 1]?.document !== one.document
    if (isFirst && !LEANING.test(one.text) && !LEANING_THING.test(one.text)) return one
  }
  return undefined
}

/** A line of code that is a comment: it says something about the code after it. */
const COMMENT_LINE = /^\s*(?:\/\/|#|\/?\*|$)/
const isComment = (text: string) => text.split('\n').every((line) => COMMENT_LINE.test(line))

/** The items, rows, code or paragraph after a passage that ends with a colon, or the answer after a question. */
export function introducedPassages(
  passage: SourcePassage,
  passages: readonly SourcePassage[],
): readonly SourcePassage[] {
  const place = passages.findIndex(({ id }) => id === passage.id)
  const after = passages.slice(place + 1, place + 1 + MAX_INTRODUCED)
  const [led] = after
  if (led === undefined) return []
  if (isQuestion(passage)) return answerAmong(passage, after)
  if (passage.kind === 'code' && isComment(passage.text))
    return led.kind === 'code' && led.document === passage.document ? [led] : []
  if (!passage.text.endsWith(':')) return []
  const belongs = (one: SourcePassage) => one.kind === led.kind && (led.kind !== 'paragraph' || one.block === led.block)
  const end = after.findIndex((one) => !belongs(one) || one.document !== passage.document)
  return (end === -1 ? after : after.slice(0, end)).filter(({ block }) => block !== passage.block)
}

/** Whether a passage asks something, as in a list of questions and answers: it answers nothing itself. */
export const isQuestion = ({ text }: Pick<SourcePassage, 'text'>): boolean => /\?["'”’)*_]*$/.test(text)

/** The rest of the question's paragraph, else the paragraph or the code after it. */
function answerAmong({ block, document }: SourcePassage, after: readonly SourcePassage[]): readonly SourcePassage[] {
  const own = after.findIndex((one) => one.block !== block || one.document !== document)
  const rest = own === -1 ? after : after.slice(0, own)
  const next = after[0]!
  const whole = rest.length > 0 || next.document !== document ? rest : after.filter((one) => one.block === next.block)
  const end = whole.findIndex(isQuestion)
  return end === -1 ? whole : whole.slice(0, end)
}

/** A part of a document that the reply uses; `at` is its place in the reply, if it stands there literally. */
export type Quote = { readonly document: number; readonly start: number; readonly end: number; readonly at?: TextRange }

/** The result of a task. `confidence` states how well the text covers the subject, not whether the reply is correct. */
export type OfflineFinding = {
  readonly text: string
  readonly quotes: readonly Quote[]
  readonly confidence: number
  /** the text is about the question, but may not answer it */
  readonly unsure?: true
  /** why there is no answer */
  readonly refused?: string
}

/** Selecting sentences never proves an answer: no confidence is above this. */
export const MAX_CONFIDENCE = 0.7

const NOTICE = 'offline/extractive answers by selecting from the text it is given and writes nothing itself'

/** No answer, and the reason. */
export function refusedFinding(why: string): OfflineFinding {
  return { text: `${NOTICE}; ${why}.`, quotes: [], confidence: 0, refused: why }
}

/** Limits a confidence to the range from 0 to the ceiling. */
export function boundConfidence(confidence: number): number {
  return Math.round(Math.max(0, Math.min(MAX_CONFIDENCE, confidence)) * 1000) / 1000
}

/** Passages as one text, each with its place in the document. `mark` precedes each passage on a line of its own. */
export function quotePassages(passages: readonly SourcePassage[], mark = ''): Quoted {
  let text = ''
  const quotes = passages.map((passage, order): Quote => {
    text += `${order === 0 ? '' : separator(passages[order - 1]!, passage, mark)}${mark}`
    const at = { start: text.length, end: text.length + passage.text.length }
    text += passage.text
    return { document: passage.document, start: passage.start, end: passage.end, at }
  })
  return { text, quotes }
}

type Quoted = Pick<OfflineFinding, 'text' | 'quotes'>

/** Quoted texts behind each other, as one. */
export const joinQuotes = (parts: readonly Quoted[], between: string): Quoted =>
  parts.reduce((before, { text, quotes }) => {
    const moved = before.text.length + between.length
    const behind = quotes.map((quote) => ({
      ...quote,
      ...(quote.at && { at: { start: quote.at.start + moved, end: quote.at.end + moved } }),
    }))
    return { text: `${before.text}${between}${text}`, quotes: [...before.quotes, ...behind] }
  })

/** Sentences are joined to a paragraph; items, rows and code keep their own lines. */
function separator(before: SourcePassage, after: SourcePassage, mark: string): string {
  return mark === '' && before.kind === 'paragraph' && after.kind === 'paragraph' ? ' ' : '\n'
}

/** The passages that fit into a number of words; the first one always stays. */
export function withinWords<Item extends SourcePassage>(
  passages: readonly Item[],
  words: number | undefined,
): readonly Item[] {
  if (words === undefined) return passages
  let left = words
  return passages.filter(({ text }, order) => {
    left -= text.split(/\s+/).length
    return left >= 0 || order === 0
  })
}

export function inReadingOrder<Item extends SourcePassage>(
  passages: readonly Item[],
  reading: readonly SourcePassage[],
): Item[] {
  const places = new Map(reading.map(({ id }, place) => [id, place]))
  return [...passages].sort((a, b) => places.get(a.id)! - places.get(b.id)!)
}
