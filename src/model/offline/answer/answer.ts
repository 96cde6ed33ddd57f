import type { ModelTask } from '../../prompt/task.ts'
import type { Ranked } from '../../rank/ranker.ts'
import { queryTerms, termsOf } from '../../text/terms.ts'
import {
  boundConfidence,
  inReadingOrder,
  MAX_CONFIDENCE,
  type OfflineFinding,
  quotePassages,
  refusedFinding,
  withinWords,
} from '../reading/finding.ts'
import { contextPassages, type IndexedDocuments, type SourcePassage } from '../reading/reading.ts'
import { type QuestionType, questionTypeOf, YES_NO_QUESTION } from './question-type.ts'

/** A text that has a smaller share of the question's terms is not about the question. */
export const MIN_RELEVANCE = 0.3
/**
 * Below the first score a question is refused, below the second its answer is unsure. Both were tuned with the half `tune` of
 * bench/offline/asked.
 */
const MIN_ANSWER_SCORE = 0.4
const MIN_SURE_SCORE = 0.6
/**
 * Factors for a passage with or without the wanted kind of value, such as a price, and for one that
 * lacks a word of a yes-no question.
 */
const WANTED_KIND_FACTOR = 1.2
const MISSING_KIND_FACTOR = 0.25
const OPEN_QUESTION_FACTOR = 0.7
const MAX_CANDIDATES = 16

/** The passage that fits the question best, with its context, or the `count` best ones. Refused when no passage seems to answer. */
export async function answerQuestion(
  task: ModelTask,
  question: string,
  reading: IndexedDocuments,
): Promise<OfflineFinding> {
  const wanted = questionTypeOf(question)
  const ranked = await rankAnswers(question, reading, wanted.rest)
  const [first] = ranked
  const evidence = first ? evidenceOf(first, wanted) : 0
  if (evidence < MIN_ANSWER_SCORE) return refusedFinding('no passage of it seems to answer this')
  const chosen = withinWords(chooseFrom(ranked, task.count, reading), task.words)
  const confidence = boundConfidence(Math.min(1, evidence) * MAX_CONFIDENCE)
  return {
    ...quotePassages(inReadingOrder(chosen, reading.passages)),
    confidence,
    ...(evidence < MIN_SURE_SCORE && { unsure: true }),
  }
}

/** The evidence that a passage answers, from 0. Measurements showed that meanings add nothing to it. */
function evidenceOf({ text, spoken }: Ranked<SourcePassage>, { isIn, isWhether }: QuestionType): number {
  if (isIn) return spoken * (isIn(text) ? WANTED_KIND_FACTOR : MISSING_KIND_FACTOR)
  return isWhether && spoken < 1 ? spoken * OPEN_QUESTION_FACTOR : spoken
}

/** The passages that may answer a question, best first. */
export async function rankAnswers(
  question: string,
  reading: IndexedDocuments,
  about?: string,
): Promise<Ranked<SourcePassage>[]> {
  return (await reading.rank(question, MAX_CANDIDATES, about)).filter((passage) => saysMore(passage, question))
}

/**
 * A passage that only repeats the question, such as a title, does not answer it, unless it
 * introduces the answer or states yes or no.
 */
function saysMore({ text }: SourcePassage, question: string): boolean {
  const asked = new Set(queryTerms(question))
  const isSaid = YES_NO_QUESTION.test(question) && text.endsWith('.')
  return isSaid || text.endsWith(':') || termsOf(text).some((term) => !asked.has(term))
}

/** The best passage comes first, so that a limit of words keeps it. */
function chooseFrom(
  ranked: readonly Ranked<SourcePassage>[],
  count: number | undefined,
  reading: IndexedDocuments,
): readonly SourcePassage[] {
  if (count !== undefined && count > 1) return ranked.slice(0, count).filter(({ score }) => score >= MIN_RELEVANCE)
  return count === 1 ? ranked.slice(0, 1) : [ranked[0]!, ...contextPassages(ranked[0]!, reading.passages)]
}
