import { termsOf } from '../../model/text/terms.ts'
import type { AnsweredPart, QuestionPart } from '../../thread/protocol/phase-types.ts'

/** The words before a part of a question that no text answers, in an answer. */
const NOT_SAID = 'The texts do not say:'
const DECLINED = /The texts do not say:\s*([^\n]{1,300})/gi
/** A model may repeat a part in other words, which have this share of its terms. */
const MIN_SHARED = 0.5

/** The answer to a part; `text` is absent if nothing answers it. */
export type PartReply = { readonly question: string; readonly text?: string; readonly cites: readonly string[] }

/** The answers to the parts as one text. Equal ones appear once, and unanswered parts come last. */
export function composeAnswer(replies: readonly PartReply[]): string {
  const said = replies.flatMap(({ text }) => text ?? [])
  const declined = replies.filter(({ text }) => text === undefined).map(({ question }) => `${NOT_SAID} ${question}`)
  return [...new Set(said), ...declined].join('\n')
}

export function partsInstruction(parts: readonly QuestionPart[]): string {
  const list = parts.map(({ question }, at) => `(${at + 1}) ${question}`).join(' ')
  return `The question has ${parts.length} parts: ${list} Answer each part. For a part that the documents do not answer, write a line "${NOT_SAID}" with that part, and nothing else about it.`
}

/** The parts of a question in the answer of a model. It cites for a part what fits it. */
export function answeredParts(
  parts: readonly QuestionPart[],
  answer: string,
  cited: readonly string[],
): readonly AnsweredPart[] {
  const declined = new Set([...answer.matchAll(DECLINED)].flatMap(([, named = '']) => likest(parts, named) ?? []))
  return parts.map((part) => {
    const answered = !declined.has(part)
    return { question: part.question, answered, cites: answered ? part.hits.filter((vid) => cited.includes(vid)) : [] }
  })
}

function likest(parts: readonly QuestionPart[], named: string): QuestionPart | undefined {
  const words = new Set(termsOf(named))
  const shares = parts.map(({ question }) => {
    const terms = termsOf(question)
    return terms.filter((term) => words.has(term)).length / Math.max(1, terms.length)
  })
  const most = Math.max(...shares)
  return most >= MIN_SHARED ? parts[shares.indexOf(most)] : undefined
}

/** The losses of an answer: the parts that nothing answers, a sentence each. */
export const lacksOfParts = (parts: readonly AnsweredPart[]): readonly string[] =>
  parts.filter(({ answered }) => !answered).map(({ question }) => `the texts do not say: ${question}`)
