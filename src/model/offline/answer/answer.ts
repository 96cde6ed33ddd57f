import type { ModelTask } from '../../prompt/task.ts'
import type { IndexedDocuments, OfflineFinding, SourcePassage } from '../reading/reading.ts'
import {
  boundConfidence,
  contextPassages,
  inReadingOrder,
  joinQuotes,
  MAX_CONFIDENCE,
  quotePassages,
  refusedFinding,
  withinWords,
} from '../reading/reading.ts'
import { askedHeading, shownFor } from '../reading/shown.ts'
import { readWanted } from './about.ts'
import { essentialWordsFactor, shareOf } from './asked-words.ts'
import { bearersOf, type DefinitionQuestion, definitionGrade, readDefinitionQuestion } from './definition.ts'
import { aboutFirst, isDoubtful, isWeakAnswer, quotePair, statementOf } from './judge.ts'
import { missingWords } from './particular-words.ts'
import { type QuestionType, questionTypeOf } from './question-type.ts'
import { type AnswerCandidate, rankAnswers, wholeText } from './rank-answers.ts'
import { pairOf } from './rivals.ts'

/** A text that has a smaller share of the question's terms is not about the question. */
export const MIN_RELEVANCE = 0.3
/** Below the first score a question is refused, below the second unsure. Tuned with `tune` of bench/offline/asked. */
const MIN_ANSWER_SCORE = 0.36
const MIN_SURE_SCORE = 0.6
/** How many places an answer shows that is not sure, and the share of the first one's words that another one has. */
const MAX_PLACES = 3
const MIN_BESIDE = 0.5
/** Factors for a passage with or without the wanted kind of value, and for one that lacks a yes-no question's word. */
const WANTED_KIND_FACTOR = 1.2
const MISSING_KIND_FACTOR = 0.25
const MISSING_FORM_FACTOR = 0.5
const OPEN_QUESTION_FACTOR = 0.7
/** A passage with a value goes before the best one without, with at least this `spoken` and share of the subject. */
const MIN_VALUE_SPOKEN = 0.8
const MIN_VALUE_SUBJECT = 0.5
/** The factor for each name, number or identifier of the question that stands nowhere in the texts. */
const MISSING_WORD_FACTOR = 0.4
/** The factors for a passage that only mentions what a question wants defined, or only says something about it. */
const MENTION_FACTORS = [0.5, 0.58, 1] as const

/** The passage that fits the question best, with its context, or the `count` best. Refused if none seems to answer. */
export async function answerQuestion(
  task: ModelTask,
  question: string,
  reading: IndexedDocuments,
): Promise<OfflineFinding> {
  const type = questionTypeOf(question)
  const defined = readDefinitionQuestion(question)
  const bearers = defined?.isWho ? bearersOf(defined.subject, reading.passages) : []
  if (bearers.length > 1) return { ...quotePassages(bearers, '- '), confidence: MAX_CONFIDENCE }
  const weighed = await weighAnswer(task, question, reading, type, defined)
  if (!weighed) return refusedFinding(whyRefused([]))
  const { ranked, evidence, missing, pair, isWeak, isDoubted } = weighed
  if (evidence < MIN_ANSWER_SCORE) return refusedFinding(whyRefused(missing))
  const confidence = boundConfidence(Math.min(1, evidence) * MAX_CONFIDENCE)
  const isUnsure = evidence < MIN_SURE_SCORE || pair?.isOrdered === false || isWeak || isDoubted
  if (pair) return { ...quotePair(pair, reading), confidence, ...(isUnsure && { unsure: true }) }
  const quote = (passages: readonly SourcePassage[]) =>
    quotePassages(inReadingOrder(passages, reading.passages).map((one) => shownFor(one, question)))
  const chosen = withinWords(chooseFrom(ranked, task.count, reading), task.words)
  const others = isUnsure && task.count === undefined && task.words === undefined ? besides(ranked, chosen) : []
  const quoted = joinQuotes([quote(chosen), ...others.map((one) => quote([one]))], '\n')
  return { ...quoted, confidence, ...(isUnsure && { unsure: true }) }
}

/** The next best passages, which an answer shows that is not sure. */
function besides(ranked: readonly AnswerCandidate[], chosen: readonly SourcePassage[]): readonly AnswerCandidate[] {
  const least = ranked[0]!.spoken * MIN_BESIDE
  return ranked
    .filter(({ id, spoken }) => spoken >= least && chosen.every((one) => one.id !== id))
    .slice(0, MAX_PLACES - 1)
}

/** The passages that may answer, best first, and what speaks for the best one and against it. */
export async function weighAnswer(
  { count }: Pick<ModelTask, 'count'>,
  question: string,
  reading: IndexedDocuments,
  type = questionTypeOf(question),
  defined = readDefinitionQuestion(question),
) {
  const found = await rankAnswers(question, reading, type)
  const wanted = readWanted(question, type)
  const judge = statementOf(wanted, reading)
  const ranked = defined ? definersFirst(found, defined) : aboutFirst(valueFirst(found, type), type, judge)
  const [first] = ranked
  if (!first) return undefined
  const best = judge(first)
  const missing = missingWords(question, textsOf(reading))
  const essential = essentialWordsFactor(answeringOf(first, question, type, reading))
  const grade = defined && gradeOf(first, defined)
  const mention = defined?.isStrict ? MENTION_FACTORS[grade!] : 1
  const evidence = evidenceOf(first, type, question) * MISSING_WORD_FACTOR ** missing.length * essential * mention
  const isOfOne = count === undefined && !(defined?.isStrict && !defined.isWho)
  const pair = isOfOne ? pairOf(best, ranked.slice(1).map(judge), wanted, type) : undefined
  const isWeak = isWeakAnswer(question, pair?.first ?? best, type, reading.passages)
  const isDoubted = isDoubtful(best, wanted) && grade !== 2
  return { ranked, best, wanted, type, defined, missing, evidence, pair, isWeak, isDoubted }
}

const answeringOf = (
  first: AnswerCandidate,
  question: string,
  { isIn, rest }: QuestionType,
  reading: IndexedDocuments,
) => ({
  question,
  ...(isIn && { about: rest }),
  passage: [first.heading, first.question ?? '', wholeText(first)].join(' '),
  texts: () => textsOf(reading),
})

/**
 * If the best passage lacks the wanted kind of value, the best one that has it comes first. It must speak of the
 * question as much, and have half of its subject in its own words.
 */
function valueFirst(ranked: readonly AnswerCandidate[], wanted: QuestionType): readonly AnswerCandidate[] {
  const [first] = ranked
  if (!first || !wanted.isIn) return ranked
  const { isIn, isStated = () => true } = wanted
  const hasIt = (one: AnswerCandidate) => isIn(wholeText(one)) && isStated(wholeText(one))
  if (hasIt(first)) return ranked
  const least = Math.max(first.spoken, MIN_VALUE_SPOKEN)
  const better = ranked.find(
    (one) => one.spoken >= least && hasIt(one) && shareOf(wanted.rest, one.text) >= MIN_VALUE_SUBJECT,
  )
  return better ? [better, ...ranked.filter((one) => one !== better)] : ranked
}

/** The passages that define the subject come first, the clearest before the others. */
function definersFirst(ranked: readonly AnswerCandidate[], asked: DefinitionQuestion): readonly AnswerCandidate[] {
  return ranked
    .map((passage) => ({ passage, grade: gradeOf(passage, asked) }))
    .sort((one, other) => other.grade - one.grade)
    .map(({ passage }) => passage)
}

/** An answer to the same question defines the subject in any words. */
function gradeOf({ text, question }: AnswerCandidate, asked: DefinitionQuestion): 0 | 1 | 2 {
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
function evidenceOf(candidate: AnswerCandidate, { isIn, isForm, isWhether }: QuestionType, question: string): number {
  const { spoken } = candidate
  const above = askedHeading(candidate, question)
  const isFound =
    isIn?.(wholeText(candidate)) ||
    (above !== undefined && isIn?.(above)) ||
    (isForm && candidate.kind === 'row' && isIn?.(candidate.heading))
  if (isIn) return spoken * (isFound ? WANTED_KIND_FACTOR : isForm ? MISSING_FORM_FACTOR : MISSING_KIND_FACTOR)
  return isWhether && spoken < 1 ? spoken * OPEN_QUESTION_FACTOR : spoken
}

/** The best passage comes first, so that a limit of words keeps it. */
function chooseFrom(
  ranked: readonly AnswerCandidate[],
  count: number | undefined,
  reading: IndexedDocuments,
): readonly SourcePassage[] {
  if (count !== undefined && count > 1)
    return ranked.slice(0, count).filter(({ score }, place) => place === 0 || score >= MIN_RELEVANCE)
  const [first] = ranked as readonly [AnswerCandidate]
  return count === 1
    ? [first]
    : [first, ...(first.also ?? []), ...(first.rest ?? contextPassages(first, reading.passages))]
}
