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
import {
  contextPassages,
  type IndexedDocuments,
  introducedPassages,
  isQuestion,
  type SourcePassage,
} from '../reading/reading.ts'
import { essentialWordsFactor, shareOf } from './asked-words.ts'
import { type DefinitionQuestion, definitionGrade, readDefinitionQuestion } from './definition.ts'
import { missingWords } from './particular-words.ts'
import { type QuestionType, questionTypeOf, YES_NO_QUESTION } from './question-type.ts'

/** A text that has a smaller share of the question's terms is not about the question. */
export const MIN_RELEVANCE = 0.3
/**
 * Below the first score a question is refused, below the second its answer is unsure. Both were tuned with the half
 * `tune` of bench/offline/asked.
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
/** A passage with a value goes before the best one without, with at least this `spoken` and share of the subject. */
const MIN_VALUE_SPOKEN = 0.8
const MIN_VALUE_SUBJECT = 0.5
const MAX_CANDIDATES = 16
/** The factor for each name, number or identifier of the question that stands nowhere in the texts. */
const MISSING_WORD_FACTOR = 0.4
/** The factors for a passage that only mentions what a question wants defined, or only says something about it. */
const MENTION_FACTORS = [0.5, 0.58, 1] as const

/**
 * The passage that fits the question best, with its context, or the
 * `count` best ones. Refused when no passage seems to answer.
 */
export async function answerQuestion(
  task: ModelTask,
  question: string,
  reading: IndexedDocuments,
): Promise<OfflineFinding> {
  const wanted = questionTypeOf(question)
  const defined = readDefinitionQuestion(question)
  const found = await rankAnswers(question, reading, wanted.rest)
  const ranked = defined ? definersFirst(found, defined) : valueFirst(found, wanted)
  const [first] = ranked
  const missing = first ? missingWords(question, textsOf(reading)) : []
  const score = first ? evidenceOf(first, wanted) * MISSING_WORD_FACTOR ** missing.length : 0
  const essential = first ? essentialWordsFactor(answeringOf(first, question, wanted, reading)) : 1
  const mention = first && defined?.isStrict ? MENTION_FACTORS[gradeOf(first, defined)] : 1
  const evidence = score * essential * mention
  if (evidence < MIN_ANSWER_SCORE) return refusedFinding(whyRefused(missing))
  const chosen = withinWords(chooseFrom(ranked, task.count, reading), task.words)
  const confidence = boundConfidence(Math.min(1, evidence) * MAX_CONFIDENCE)
  return {
    ...quotePassages(inReadingOrder(chosen, reading.passages)),
    confidence,
    ...(evidence < MIN_SURE_SCORE && { unsure: true }),
  }
}

const answeringOf = (first: Candidate, question: string, { isIn, rest }: QuestionType, reading: IndexedDocuments) => ({
  question,
  ...(isIn && { about: rest }),
  passage: [first.heading, first.question ?? '', wholeText(first)].join(' '),
  texts: () => textsOf(reading),
})

/**
 * If the best passage lacks the wanted kind of value, the best one that has it comes first. It must speak of the
 * question as much, and have half of its subject in its own words.
 */
function valueFirst(ranked: readonly Candidate[], wanted: QuestionType): readonly Candidate[] {
  const [first] = ranked
  if (!first || !wanted.isIn || wanted.isIn(wholeText(first))) return ranked
  const least = Math.max(first.spoken, MIN_VALUE_SPOKEN)
  const better = ranked.find(
    (one) =>
      one.spoken >= least && wanted.isIn?.(wholeText(one)) && shareOf(wanted.rest, one.text) >= MIN_VALUE_SUBJECT,
  )
  return better ? [better, ...ranked.filter((one) => one !== better)] : ranked
}

/** A passage with the rest of its answer. */
const wholeText = ({ text, rest = [] }: Candidate) => [text, ...rest.map((one) => one.text)].join(' ')

/** The passages that define the subject come first, the clearest before the others. */
function definersFirst(ranked: readonly Candidate[], asked: DefinitionQuestion): readonly Candidate[] {
  return ranked
    .map((passage) => ({ passage, grade: gradeOf(passage, asked) }))
    .sort((one, other) => other.grade - one.grade)
    .map(({ passage }) => passage)
}

/** An answer to the same question defines the subject in any words. */
function gradeOf({ text, question }: Candidate, asked: DefinitionQuestion): 0 | 1 | 2 {
  const subject =
    question === undefined ? undefined : readDefinitionQuestion(question.replace(/^\W*Q\W+/i, ''))?.subject
  return subject?.toLowerCase() === asked.subject.toLowerCase() ? 2 : definitionGrade(text, asked)
}

/** Headings are part of the excerpts. */
const textsOf = ({ excerpts }: IndexedDocuments) => excerpts.map(({ text }) => text)

const whyRefused = (missing: readonly string[]) =>
  missing.length === 0
    ? 'no passage seems to answer this'
    : `the texts do not mention ${missing.slice(0, 3).join(', ')}`

/** The evidence that a passage answers, from 0. Measurements showed that meanings add nothing to it. */
function evidenceOf(candidate: Candidate, { isIn, isWhether }: QuestionType): number {
  const { spoken } = candidate
  if (isIn) return spoken * (isIn(wholeText(candidate)) ? WANTED_KIND_FACTOR : MISSING_KIND_FACTOR)
  return isWhether && spoken < 1 ? spoken * OPEN_QUESTION_FACTOR : spoken
}

/** A passage that may answer. `question`: the one in the text that it answers, and `rest`: the rest of that answer. */
type Candidate = Ranked<SourcePassage> & { readonly question?: string; readonly rest?: readonly SourcePassage[] }

/** The passages that may answer a question, best first. */
export async function rankAnswers(question: string, reading: IndexedDocuments, about?: string): Promise<Candidate[]> {
  const ranked = await reading.rank(question, MAX_CANDIDATES, about)
  const found = ranked.flatMap((passage) => {
    if (!isQuestion(passage)) return saysMore(passage, question) ? [passage] : []
    const [answer, ...rest] = introducedPassages(passage, reading.passages)
    return answer && saysMore(answer, question) ? [{ ...passage, ...answer, question: passage.text, rest }] : []
  })
  return found.filter(({ id }, place) => found.findIndex((one) => one.id === id) === place)
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
  ranked: readonly Candidate[],
  count: number | undefined,
  reading: IndexedDocuments,
): readonly SourcePassage[] {
  if (count !== undefined && count > 1)
    return ranked.slice(0, count).filter(({ score }, place) => place === 0 || score >= MIN_RELEVANCE)
  const [first] = ranked as readonly [Candidate]
  return count === 1 ? [first] : [first, ...(first.rest ?? contextPassages(first, reading.passages))]
}
