import type { ModelTask } from '../../prompt/task.ts'
import { termsOf } from '../../text/terms.ts'
import type { IndexedDocuments, OfflineFinding, SourcePassage } from '../reading/reading.ts'
import { inReadingOrder, quotePassages, refusedFinding, withinWords } from '../reading/reading.ts'

type Weighed = { readonly passage: SourcePassage; readonly terms: ReadonlySet<string>; readonly weight: number }

const DEFAULT_SENTENCES = 3
/** Number of sentences considered when a limit of words is set. */
const MAX_SENTENCES_WITHIN_WORDS = 8
const MAX_SENTENCES = 100
const MIN_SENTENCE_LENGTH = 30
/** The weight of novelty, and the number of sentences that are compared with each other. */
const NOVELTY_WEIGHT = 0.25
/** The penalty for a sentence whose document has all the places so far. */
const SAME_DOCUMENT_PENALTY = 0.25
const MAX_CANDIDATES = 60

/**
 * Sentences that stand early in their document and mention recurring words, each adding something new, in the order of
 * the text. About as good as the first three sentences, and better spread over several documents.
 */
export async function summarise(task: ModelTask, reading: IndexedDocuments, mark = ''): Promise<OfflineFinding> {
  const chosen = await selectSentences(task, reading)
  if (chosen.length === 0) return refusedFinding('there is no prose in it to summarise')
  return { ...quotePassages(chosen, mark), confidence: 0.5 }
}

/** The passages of a summary; none when there is no prose. */
export async function selectSentences(task: ModelTask, reading: IndexedDocuments): Promise<readonly SourcePassage[]> {
  const sentences = worthTelling(reading.passages)
  const weighed = weigh(sentences, await focusOf(task, reading))
  const count = Math.min(
    MAX_SENTENCES,
    task.count ?? (task.words === undefined ? DEFAULT_SENTENCES : MAX_SENTENCES_WITHIN_WORDS),
  )
  return inReadingOrder(withinWords(spread(weighed, count), task.words), reading.passages)
}

/** Code is never summarised, and short lines only when there is nothing else. */
function worthTelling(passages: readonly SourcePassage[]): readonly SourcePassage[] {
  const prose = passages.filter(({ kind }) => kind !== 'code')
  const long = prose.filter(({ text }) => text.length > MIN_SENTENCE_LENGTH)
  return long.length > 0 ? long : prose
}

/** By id, how much each passage is about the focus of the summary. */
async function focusOf({ focus }: ModelTask, reading: IndexedDocuments): Promise<ReadonlyMap<string, number>> {
  if (!focus) return new Map()
  const ranked = await reading.rank(focus, reading.passages.length)
  return new Map(ranked.map(({ id, score }) => [id, score]))
}

function weigh(sentences: readonly SourcePassage[], focus: ReadonlyMap<string, number>): Weighed[] {
  const bags = sentences.map(({ text }) => new Set(termsOf(text)))
  const counts = countTerms(bags)
  const keywords = bags.map((bag) => keywordWeight(bag, counts))
  const most = keywords.reduce((heaviest, one) => Math.max(heaviest, one), Number.MIN_VALUE)
  const places = placesIn(sentences)
  return sentences.map((passage, at) => {
    const early = 0.5 / (1 + 0.35 * places[at]!)
    const shape = passage.kind === 'paragraph' ? 1 : 0.6
    return {
      passage,
      terms: bags[at]!,
      weight: (0.6 * (keywords[at]! / most) + early) * shape + (focus.get(passage.id) ?? 0),
    }
  })
}

function countTerms(bags: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const term of bags.flatMap((bag) => [...bag])) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

function keywordWeight(bag: ReadonlySet<string>, counts: ReadonlyMap<string, number>): number {
  const recurring = [...bag].map((term) => counts.get(term)!).filter((count) => count > 1)
  return recurring.reduce((sum, count) => sum + Math.log(1 + count), 0) / (8 + bag.size)
}

/** The position of each sentence in its own document. */
function placesIn(sentences: readonly SourcePassage[]): number[] {
  const seen = new Map<number, number>()
  return sentences.map(({ document }) => {
    const place = seen.get(document) ?? 0
    seen.set(document, place + 1)
    return place
  })
}

/** The heaviest sentence first, then heavy ones unlike those already taken (maximal marginal relevance). */
function spread(weighed: readonly Weighed[], count: number): SourcePassage[] {
  const pool = [...weighed].sort((a, b) => b.weight - a.weight).slice(0, Math.max(MAX_CANDIDATES, count))
  const taken: Weighed[] = []
  while (taken.length < count && pool.length > 0) {
    const worth = pool.map((one) => worthOf(one, taken))
    taken.push(...pool.splice(worth.indexOf(Math.max(...worth)), 1))
  }
  return taken.map(({ passage }) => passage)
}

function worthOf(one: Weighed, taken: readonly Weighed[]): number {
  const likeness = Math.max(0, ...taken.map((other) => overlap(one, other)))
  const same = taken.filter(({ passage }) => passage.document === one.passage.document).length
  return (
    (1 - NOVELTY_WEIGHT) * one.weight -
    NOVELTY_WEIGHT * likeness -
    (SAME_DOCUMENT_PENALTY * same) / Math.max(1, taken.length)
  )
}

function overlap(a: Weighed, b: Weighed): number {
  const shared = [...a.terms].filter((term) => b.terms.has(term)).length
  return shared / Math.max(1, Math.min(a.terms.size, b.terms.size))
}
