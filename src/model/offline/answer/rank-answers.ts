import type { Ranked } from '../../rank/ranker.ts'
import { queryTerms, termsOf } from '../../text/terms.ts'
import { type IndexedDocuments, introducedPassages, isQuestion, type SourcePassage } from '../reading/reading.ts'
import { askedHeading } from '../reading/shown.ts'
import { completing } from './neighbours.ts'
import { type QuestionType, YES_NO_QUESTION } from './question-type.ts'

const MAX_CANDIDATES = 16

/**
 * A passage that may answer. `question`: the one in the text that it answers, `rest`: the rest of that answer, and
 * `also`: the neighbour that has the value.
 */
export type AnswerCandidate = Ranked<SourcePassage> & {
  readonly question?: string
  readonly rest?: readonly SourcePassage[]
  readonly also?: readonly SourcePassage[]
}

/** The passages that may answer a question, best first. */
export async function rankAnswers(
  question: string,
  reading: IndexedDocuments,
  type?: QuestionType,
): Promise<AnswerCandidate[]> {
  const candidates = await reading.rank(question, MAX_CANDIDATES, type?.rest)
  const headers = candidates.some(({ kind }) => kind === 'row') ? headersOf(reading) : []
  const ranked = candidates.filter((one) => !isHeader(one, headers))
  const found = ranked.flatMap((passage): AnswerCandidate[] => {
    if (!isQuestion(passage)) return saysMore(passage, question) ? [passage] : []
    const [answer, ...rest] = introducedPassages(passage, reading.passages)
    return answer && saysMore(answer, question) ? [{ ...passage, ...answer, question: passage.text, rest }] : []
  })
  const distinct = found.filter(({ id }, place) => found.findIndex((one) => one.id === id) === place)
  if (!type) return distinct
  return distinct.map((one) => ({ ...one, also: one.rest ? [] : completing(one, type, reading, question) }))
}

type Header = Pick<SourcePassage, 'document' | 'heading'>

/** The column names of each table, once. */
function headersOf({ passages }: IndexedDocuments): readonly Header[] {
  const rows = passages.filter(({ kind, heading }) => kind === 'row' && heading !== '')
  return [...new Map(rows.map((row) => [`${row.document}\n${row.heading}`, row])).values()]
}

/** The line of the column names answers nothing. */
const isHeader = ({ kind, text, document }: SourcePassage, headers: readonly Header[]): boolean =>
  kind === 'row' && headers.some((one) => one.document === document && text.includes(one.heading))

/** A passage that only repeats the question does not answer it, unless it introduces the answer or says yes or no. */
function saysMore(passage: SourcePassage, question: string): boolean {
  const { text } = passage
  const asked = new Set(queryTerms(question))
  const isSaid = YES_NO_QUESTION.test(question) && text.endsWith('.')
  return (
    isSaid ||
    askedHeading(passage, question) !== undefined ||
    text.endsWith(':') ||
    termsOf(text).some((term) => !asked.has(term))
  )
}

export const wholeText = ({ text, rest = [], also = [] }: AnswerCandidate) =>
  [text, ...[...rest, ...also].map((one) => one.text)].join(' ')
