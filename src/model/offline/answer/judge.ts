import { termsOf } from '../../text/terms.ts'
import { inReadingOrder, quotePassages } from '../reading/finding.ts'
import { contextPassages, type IndexedDocuments } from '../reading/reading.ts'
import { headingTerms, isContrary, lackedBy, lacksColumn, saidTerms, type Wanted } from './about.ts'
import type { QuestionType } from './question-type.ts'
import { type AnswerCandidate, wholeText } from './rank-answers.ts'
import type { JudgedPassage, Pair } from './rivals.ts'
import { lackedWords } from './subject.ts'

/** A passage gives way to one that speaks of this share of what it does, or of less if it says the opposite. */
const MIN_SHARE_SPOKEN = 0.8
const MIN_SHARE_BESIDE_CONTRARY = 0.7

/** The thing that is asked for may have another name: then the answer is right, and not sure. */
export const isDoubtful = ({ passage, own, ...of }: JudgedPassage, { thing, terms }: Wanted) =>
  hasFault(of) || (thing !== undefined && lackedWords([thing], own).length > 0) || lacksColumn(passage, terms)

const hasFault = ({ lacked, isContrary }: Pick<JudgedPassage, 'lacked' | 'isContrary'>) =>
  isContrary || lacked.length > 0

/** Makes a candidate comparable with the others: its own terms and its faults. */
export function statementOf(wanted: Wanted, reading: IndexedDocuments) {
  return (candidate: AnswerCandidate): JudgedPassage => {
    const { passages, excerpts } = reading
    const before = passages[passages.findIndex(({ id }) => id === candidate.id) - 1]
    const said = saidTerms(candidate, [...(candidate.rest ?? []), ...(candidate.also ?? [])], before)
    const own = new Set([...said, ...headingTerms(candidate), ...termsOf(candidate.question ?? '')])
    const whole = wholeText(candidate)
    const at = excerpts.find(({ document }) => document === candidate.document)?.at
    const shown = [candidate, ...(candidate.also ?? []), ...(candidate.rest ?? contextPassages(candidate, passages))]
    return {
      passage: candidate,
      shown,
      whole,
      said,
      own,
      lacked: lackedBy(wanted, own),
      // `It is not done by default. If you want it, …`: the neighbour says what to do for it
      isContrary: !candidate.also?.length && isContrary(wanted, whole, own),
      ...(at !== undefined && { at }),
    }
  }
}

/** A passage about something else gives way to one that is not, if that one speaks of the question nearly as much. */
export function aboutFirst(
  ranked: readonly AnswerCandidate[],
  { isIn }: QuestionType,
  judge: (candidate: AnswerCandidate) => JudgedPassage,
): readonly AnswerCandidate[] {
  const [first] = ranked
  const hasValue = (one: AnswerCandidate) => !isIn || isIn(wholeText(one))
  // a question is not answered because its best passage fails to answer it
  if (!first || !hasValue(first)) return ranked
  const judged = judge(first)
  if (!hasFault(judged)) return ranked
  const least = first.spoken * (judged.isContrary ? MIN_SHARE_BESIDE_CONTRARY : MIN_SHARE_SPOKEN)
  const better = ranked.find((one) => one.spoken >= least && hasValue(one) && !hasFault(judge(one)))
  return better ? [better, ...ranked.filter((one) => one !== better)] : ranked
}

export function quotePair({ first, other, isOrdered }: Pair, { passages }: IndexedDocuments) {
  const own = first.shown.filter(({ id }) => id !== other.passage.id)
  const [newer, older] = [own, other.shown].map((shown) => quotePassages(inReadingOrder(shown, passages)))
  const lead = isOrdered ? '\nEarlier: ' : '\n'
  const moved = newer!.text.length + lead.length
  const quotes = older!.quotes.map(({ at, ...quote }) => ({
    ...quote,
    ...(at && { at: { start: at.start + moved, end: at.end + moved } }),
  }))
  return { text: `${newer!.text}${lead}${older!.text}`, quotes: [...newer!.quotes, ...quotes] }
}
