import type { Embedder } from '../../src/model/embed/embedder.ts'
import { measureClasses, measureKeywords } from './classes.ts'
import { measureFields, measureKeyLines } from './fields.ts'
import type { Labels } from './labels.ts'
import { byModel, byPlace, byWords, measureAnswers, measureRanking } from './questions.ts'
import type { Sample } from './sample.ts'
import * as summaries from './summaries.ts'

/** What the offline model comes to on labels, by words alone or with an embedder. */
export async function measureModel(labels: Labels, method: string, embedder?: Embedder): Promise<readonly Sample[]> {
  return [
    ...(await measureRanking(labels, method, byModel, embedder)),
    ...(await measureAnswers(labels, method, embedder)),
    ...(await measureClasses('topics', labels.topics, method, embedder)),
    ...(await measureClasses('sentiment', labels.sentiment, method, embedder)),
    ...(await measureFields(labels.texts, method, embedder)),
    ...(await summaries.measureSummaries(labels, method, summaries.byModel, embedder)),
  ]
}

/** What the simplest means come to on the same labels. */
export async function measureBaselines(labels: Labels): Promise<readonly Sample[]> {
  return [
    ...(await measureRanking(labels, 'first sentences', byPlace)),
    ...(await measureRanking(labels, 'BM25', byWords)),
    ...measureKeywords('topics', labels.topics),
    ...measureKeywords('sentiment', labels.sentiment),
    ...measureKeyLines(labels.texts),
    ...(await summaries.measureSummaries(labels, 'lead-3', summaries.byPlace)),
    ...(await summaries.measureSummaries(labels, 'keywords', summaries.byKeywords)),
  ]
}
