import type { Embedder } from '../../src/model/embed/embedder.ts'
import { answerQuestion } from '../../src/model/offline/answer/answer.ts'
import { rankAnswers } from '../../src/model/offline/answer/rank-answers.ts'
import { type IndexedDocuments, indexDocuments, type Quote } from '../../src/model/offline/reading/reading.ts'
import { createBm25Index } from '../../src/model/rank/bm25.ts'
import type { Labels, Question } from './labels.ts'
import { type Sample, sampleOf } from './sample.ts'

type Place = Pick<Quote, 'document' | 'start' | 'end'>
type Asked = Question & { readonly found: readonly Place[] }
/** How a method puts passages in order. */
type Rank = (question: string, reading: IndexedDocuments) => Promise<readonly Place[]>

const SCOPES = ['in the document', 'among all'] as const
const MOST = 3

/** How often the sentence that answers is the first, or one of three: among those of its document, and among those of all. */
export async function measureRanking(
  labels: Labels,
  method: string,
  rank: Rank,
  embedder?: Embedder,
): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const scope of SCOPES) {
    const asked = await askAll(labels, scope, rank, embedder)
    for (const count of [1, MOST]) {
      const head = { task: `questions, ${scope}`, measure: `hit@${count}`, method }
      samples.push(
        sampleOf(
          head,
          asked,
          (one) => isHit(one, count),
          (one) => describe(one, labels),
        ),
      )
    }
  }
  return samples
}

/** The order of the offline model. */
export const byModel: Rank = rankAnswers

/** The order of the text. */
export const byPlace: Rank = async (_, { passages }) => passages.slice(0, MOST)

/** BM25 over words as they stand there. */
export const byWords: Rank = async (question, { passages }) => {
  const scores = createBm25Index(passages.map(({ text }) => wordsIn(text))).scores(wordsIn(question))
  return passages
    .map((passage, at) => ({ passage, score: scores[at]! }))
    .sort((a, b) => b.score - a.score)
    .map(({ passage }) => passage)
}

/**
 * What comes of a question: how often the reply holds the sentence that answers, how often it is refused though the text answers it,
 * and how often it is refused because it does not: put to the next document of the half, or asked beyond what its own one tells.
 */
export async function measureAnswers(labels: Labels, method: string, embedder?: Embedder): Promise<Sample[]> {
  const readings = readingsOf(labels, embedder)
  const answer = (one: Question) => answerTo(one, readings[one.document]!)
  const kept = await eachOf(labels.questions, answer)
  const foreign = await eachOf(
    labels.questions.map((one) => ({ ...one, document: nextOf(one, labels) })),
    answer,
  )
  const beyond = await eachOf(labels.unanswerable, answer)
  const tell = (one: Answered) =>
    `${labels.documents[one.document]!.name} | ${one.question} → ${one.text.slice(0, 100)}`
  const sample = (measure: string, from: readonly Answered[], isRight: (one: Answered) => boolean) =>
    sampleOf({ task: 'answers', measure, method }, from, isRight, tell)
  return [
    sample('right', kept, (one) => isHit(one, one.found.length)),
    sample('kept', kept, ({ refused }) => !refused),
    sample('foreign refused', foreign, ({ refused }) => refused),
    sample('beyond refused', beyond, ({ refused }) => refused),
  ]
}

type Answered = Asked & { readonly refused: boolean; readonly text: string }

async function answerTo(one: Question, reading: IndexedDocuments): Promise<Answered> {
  const { text, quotes, refused } = await answerQuestion({ kind: 'answer' }, one.question, reading)
  return {
    ...one,
    text,
    found: quotes.map((quote) => ({ ...quote, document: one.document })),
    refused: refused !== undefined,
  }
}

/** The next document of the same half: every second one is. */
function nextOf({ document }: Question, { documents }: Labels): number {
  return (document + 2) % documents.length
}

function readingsOf({ documents }: Labels, embedder: Embedder | undefined): readonly IndexedDocuments[] {
  return documents.map((document) => indexDocuments([document], { embedder }))
}

async function askAll(
  labels: Labels,
  scope: (typeof SCOPES)[number],
  rank: Rank,
  embedder?: Embedder,
): Promise<Asked[]> {
  const all = indexDocuments(labels.documents, { embedder })
  const readings = readingsOf(labels, embedder)
  return eachOf(labels.questions, async (one) => {
    const alone = scope === 'in the document'
    const ranked = await rank(one.question, alone ? readings[one.document]! : all)
    return {
      ...one,
      found: ranked.slice(0, MOST).map((place) => (alone ? { ...place, document: one.document } : place)),
    }
  })
}

/** One after the other: the order in which texts are embedded is always the same. */
async function eachOf<From, To>(items: readonly From[], make: (item: From) => Promise<To>): Promise<To[]> {
  const made: To[] = []
  for (const item of items) made.push(await make(item))
  return made
}

function isHit({ document, answers, found }: Asked, count: number): boolean {
  return found
    .slice(0, count)
    .some(
      (place) =>
        place.document === document && answers.some(({ start, end }) => start < place.end && place.start < end),
    )
}

function describe({ question, document, found }: Asked, { documents }: Labels): string {
  const [first] = found
  const text = first ? documents[first.document]!.text.slice(first.start, first.end).replace(/\s+/g, ' ') : 'nothing'
  return `${documents[document]!.name} | ${question} → ${text.slice(0, 100)}`
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
