import type { Task } from '../../prompt/task.ts'
import type { Ranked } from '../../rank/ranker.ts'
import { queryTerms, termsOf } from '../../text/terms.ts'
import { bounded, CEILING, type Finding, inOrder, quotePassages, refuse, withinWords } from '../reading/finding.ts'
import { contextOf, type Reading, type Source } from '../reading/reading.ts'
import { type Wanted, WHETHER, wantedBy } from './question-type.ts'

/** Below this share of its terms a text is not about a question. */
export const ABOUT = 0.3
/** Below the first a question is refused, below the second its answer is not sure: chosen by the half `tune` of bench/offline/asked. */
const LIKELY = 0.4
const SURE = 0.6
/** What a passage is worth that has what is wanted, such as a price, or lacks it; and one that lacks a word of a question that wants yes or no. */
const HAS = 1.2
const LACKS = 0.25
const OPEN = 0.7
const CANDIDATES = 16

/** The passage that fits the question best with what it takes to read it, or the `count` best ones; refused when it seems to answer nothing. */
export async function answerQuestion(task: Task, question: string, reading: Reading): Promise<Finding> {
  const wanted = wantedBy(question)
  const ranked = await rankAnswers(question, reading, wanted.rest)
  const [first] = ranked
  const evidence = first ? evidenceOf(first, wanted) : 0
  if (evidence < LIKELY) return refuse('no passage of it seems to answer this')
  const chosen = withinWords(chooseFrom(ranked, task.count, reading), task.words)
  const confidence = bounded(Math.min(1, evidence) * CEILING)
  return { ...quotePassages(inOrder(chosen, reading.passages)), confidence, ...(evidence < SURE && { unsure: true }) }
}

/** How much speaks for it that a passage answers, from 0; meanings were measured to add nothing to it. */
function evidenceOf({ text, spoken }: Ranked<Source>, { isIn, isWhether }: Wanted): number {
  if (isIn) return spoken * (isIn(text) ? HAS : LACKS)
  return isWhether && spoken < 1 ? spoken * OPEN : spoken
}

/** The passages that may answer a question, best first. */
export async function rankAnswers(question: string, reading: Reading, about?: string): Promise<Ranked<Source>[]> {
  return (await reading.rank(question, CANDIDATES, about)).filter((passage) => saysMore(passage, question))
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
