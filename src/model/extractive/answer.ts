import type { Task } from '../task.ts'
import { contextOf } from './context.ts'
import { bounded, type Finding, inOrder, quotePassages, refuse, withinWords } from './finding.ts'
import type { Ranked } from './rank.ts'
import type { Reading, Source } from './reading.ts'
import { queryTerms, termsOf } from './terms.ts'

/** Below this share of its terms a text is not about a question: of 61 questions it keeps 87 % put to the right text, 18 % to a wrong one. */
export const ABOUT = 0.3
const CANDIDATES = 16

/** The passage that fits the question best with what it takes to read it, or the `count` best ones; refused when none is about it. */
export async function answerQuestion(task: Task, question: string, reading: Reading): Promise<Finding> {
  const ranked = (await reading.rank(question, CANDIDATES)).filter((passage) => saysMore(passage, question))
  const best = ranked[0]
  if (!best || best.score < ABOUT) return refuse('no passage of it seems to answer this')
  const chosen = withinWords(chooseFrom(ranked, task.count, reading), task.words)
  return { ...quotePassages(inOrder(chosen, reading.passages)), confidence: bounded(best.score * 0.7) }
}

/** What only repeats the question, such as a title, does not answer it, unless it introduces the answer. */
function saysMore({ text }: Source, question: string): boolean {
  const asked = new Set(queryTerms(question))
  return text.endsWith(':') || termsOf(text).some((term) => !asked.has(term))
}

/** The best one comes first: it stays when words are short. */
function chooseFrom(ranked: readonly Ranked<Source>[], count: number | undefined, reading: Reading): readonly Source[] {
  if (count !== undefined && count > 1) return ranked.slice(0, count).filter(({ score }) => score >= ABOUT)
  return count === 1 ? ranked.slice(0, 1) : [ranked[0]!, ...contextOf(ranked[0]!, reading.passages)]
}
