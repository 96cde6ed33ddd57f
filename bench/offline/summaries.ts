import type { Embedder } from '../../src/model/embed/embedder.ts'
import { selectSentences } from '../../src/model/offline/answer/summarise.ts'
import { type IndexedDocuments, indexDocuments } from '../../src/model/offline/reading/reading.ts'
import { termsOf } from '../../src/model/text/terms.ts'
import type { Labels } from './labels.ts'
import type { Sample } from './sample.ts'

const SENTENCES = 3
/** Shorter passages are titles and table cells. */
const SHORTEST = 30

type Select = (reading: IndexedDocuments) => Promise<readonly { readonly text: string }[]>

/** How much of the references' terms three sentences hold (ROUGE-1 recall), and the balance of that with how much of theirs is there (F). */
export async function measureSummaries(
  labels: Labels,
  method: string,
  select: Select,
  embedder?: Embedder,
): Promise<Sample[]> {
  const scores = await Promise.all(
    labels.references.map(async ({ document, reference }) => {
      const chosen = await select(indexDocuments([labels.documents[document]!], { embedder }))
      return overlap(chosen.map(({ text }) => text).join(' '), reference)
    }),
  )
  return [
    { task: 'summaries', measure: 'ROUGE-1 recall', method, values: scores.map(({ recall }) => recall) },
    { task: 'summaries', measure: 'ROUGE-1 F', method, values: scores.map(({ f }) => f) },
  ]
}

/** Those that the offline model selects. */
export const byModel: Select = (reading) => selectSentences({ kind: 'summarise', count: SENTENCES }, reading)

/** The first three. */
export const byPlace: Select = async (reading) => sentencesOf(reading).slice(0, SENTENCES)

/** Those with most terms that recur in the document. */
export const byKeywords: Select = async (reading) => {
  const sentences = sentencesOf(reading).map(({ text }) => ({ text, terms: new Set(termsOf(text)) }))
  const counts = countsOf(sentences.flatMap(({ terms }) => [...terms]))
  const weigh = (terms: ReadonlySet<string>) =>
    [...terms].reduce((sum, term) => sum + counts.get(term)! - 1, 0) / (8 + terms.size)
  return sentences.sort((a, b) => weigh(b.terms) - weigh(a.terms)).slice(0, SENTENCES)
}

function sentencesOf({ passages }: IndexedDocuments) {
  return passages.filter(({ kind, text }) => kind !== 'code' && text.length > SHORTEST)
}

function overlap(summary: string, reference: string): { readonly recall: number; readonly f: number } {
  const [said, wanted] = [countsOf(termsOf(summary)), countsOf(termsOf(reference))]
  const shared = [...wanted].reduce((sum, [term, count]) => sum + Math.min(count, said.get(term) ?? 0), 0)
  const [recall, precision] = [shared / sizeOf(wanted), shared / Math.max(1, sizeOf(said))]
  return { recall, f: shared === 0 ? 0 : (2 * recall * precision) / (recall + precision) }
}

function countsOf(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

function sizeOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
