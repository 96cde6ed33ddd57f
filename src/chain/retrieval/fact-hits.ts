import { NO_USAGE } from '../../model/cost/usage.ts'
import type { ModelReply } from '../../model/request/request.ts'
import type { Hit } from '../../thread/protocol/phase-types.ts'
import { fitItems, neutralizeTags } from '../protocol/bounds.ts'
import { citationTag } from './citations.ts'
import { factsFor } from './code-facts.ts'
import type { SourceDocument, SourceExcerpt } from './excerpt.ts'

/** The facts about code that answer a question, as excerpts of their lines. They cover no unit of their document. */
export function factExcerpts(question: string, documents: readonly SourceDocument[]): readonly SourceExcerpt[] {
  const codes = documents.map(({ source, content: { text, code } }) => code && { file: source.ref, text, code })
  return factsFor(question, codes).map(({ of, line, endLine, text, shownAt }) => ({
    document: documents[of]!,
    first: -1,
    last: -1,
    line,
    endLine,
    heading: '',
    text: neutralizeTags(text),
    score: 1,
    fact: question,
    shownAt: neutralizeTags(text.slice(0, shownAt)).length,
  }))
}

/**
 * The reply of a model that only selects to a question that facts answer: it is all of them, so none is asked.
 * Undefined if there are no facts. `question`: a part of the question; absent: any.
 */
export function replyFromFacts(hits: readonly Hit[], question?: string): ModelReply | undefined {
  const facts = hits.filter(({ fact }) => fact !== undefined && fact === (question ?? fact))
  if (facts.length === 0) return undefined
  return {
    text: facts.map(({ vid, text }) => `${text} ${citationTag(vid)}`).join('\n'),
    citations: facts.map(({ vid, text }) => ({ document: vid, text })),
    usage: NO_USAGE,
    model: '',
    confidence: 1,
  }
}

/** The facts among hits, as many as fit. A model that only selects summarises prose alone, so they are its summary. */
export const summaryOfFacts = (hits: readonly Hit[], size: number): string =>
  fitItems(
    hits.flatMap(({ fact, text }) => (fact === undefined ? [] : text)),
    size,
  ).join('\n')
