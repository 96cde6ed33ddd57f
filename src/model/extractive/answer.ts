import type { Task } from '../task.ts'
import { contextOf } from './context.ts'
import { bounded, type Finding, inOrder, quotePassages, refuse, withinWords } from './finding.ts'
import type { Ranked } from './rank.ts'
import type { Reading, Source } from './reading.ts'
import { queryTerms, termsOf } from './terms.ts'

/** Below this share of its terms a text is not about a question: `npm run bench -- offline` tells what it keeps and what it refuses. */
export const ABOUT = 0.3
/** The same for the mean of that share and the likeness of meanings, which are never quite unlike. */
const ABOUT_BY_MEANING = 0.38
const CANDIDATES = 16
/** A passage that has the answer need not be the one that repeats most of the question. */
const LOOKED_AT = 3

/** A question that may be answered by yes or no. */
const WHETHER = /^(?:is|are|was|were|am|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would)\b/i

/** The passage that fits the question best with what it takes to read it, or the `count` best ones; refused when none is about it. */
export async function answerQuestion(task: Task, question: string, reading: Reading): Promise<Finding> {
  const ranked = await rankAnswers(question, reading)
  const about = aboutness(ranked)
  if (about < (reading.embedder ? ABOUT_BY_MEANING : ABOUT)) return refuse('no passage of it seems to answer this')
  const chosen = withinWords(chooseFrom(ranked, task.count, reading), task.words)
  return { ...quotePassages(inOrder(chosen, reading.passages)), confidence: bounded(about * 0.7) }
}

/** How much the best passages speak of what is asked; 0 where there are none. */
function aboutness(ranked: readonly Ranked<Source>[]): number {
  const best = ranked.slice(0, LOOKED_AT)
  const score = Math.max(0, ...best.map((passage) => passage.score))
  const likeness = best.map((passage) => passage.likeness ?? score)
  return (score + Math.max(0, ...likeness)) / 2
}

/** The passages that may answer a question, best first. */
export async function rankAnswers(question: string, reading: Reading): Promise<Ranked<Source>[]> {
  return (await reading.rank(question, CANDIDATES)).filter((passage) => saysMore(passage, question))
}

/** What only repeats the question, such as a title, does not answer it, unless it introduces the answer, or says that it is so or not. */
function saysMore({ text }: Source, question: string): boolean {
  const asked = new Set(queryTerms(question))
  const isSaid = WHETHER.test(question) && text.endsWith('.')
  return isSaid || text.endsWith(':') || termsOf(text).some((term) => !asked.has(term))
}

/** The best one comes first: it stays when words are short. */
function chooseFrom(ranked: readonly Ranked<Source>[], count: number | undefined, reading: Reading): readonly Source[] {
  if (count !== undefined && count > 1) return ranked.slice(0, count).filter(({ score }) => score >= ABOUT)
  return count === 1 ? ranked.slice(0, 1) : [ranked[0]!, ...contextOf(ranked[0]!, reading.passages)]
}
