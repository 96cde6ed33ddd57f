import { ABOUT } from './answer.ts'
import { bounded, type Finding, refuse } from './finding.ts'
import type { Reading } from './reading.ts'

const NEGATION = /\b(?:not|no|never|none|neither|nor|without|cannot|fails?|failed|lacks?)\b|n['’]t\b/gi

/**
 * `yes` or `no` by the passage closest to the question: no when one of the two is negated and the other is not. A weak
 * method that does not understand either; refused when no passage is about the question.
 */
export async function decideQuestion(question: string, reading: Reading): Promise<Finding> {
  const best = (await reading.rank(question, 1))[0]
  if (!best || best.score < ABOUT) return refuse('no passage of it speaks of this')
  const text = isNegated(best.text) === isNegated(question) ? 'yes' : 'no'
  const quotes = [{ document: best.document, start: best.start, end: best.end }]
  return { text, quotes, confidence: bounded(best.score * 0.5) }
}

function isNegated(text: string): boolean {
  return (text.match(NEGATION)?.length ?? 0) % 2 === 1
}
