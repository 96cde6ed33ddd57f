import { likeOf, oppositesOf } from '../../text/opposites.ts'
import { queryTerms, termsOf } from '../../text/terms.ts'
import { boundConfidence, type IndexedDocuments, type OfflineFinding, refusedFinding } from '../reading/reading.ts'
import { MIN_RELEVANCE } from './answer.ts'

const NEGATION = /\b(?:not|no|never|none|neither|nor|without|cannot|fails? to|failed to|lacks?)\b|n['’]t\b/gi
/** Words that frame a question and do not belong to its subject. */
const QUESTION_FRAME =
  /^\s*(?:please |check |decide |determine |say |tell )*(?:whether|if)\b|\bwhether\b|\b(?:yes or no|true or false)\b/gi

/**
 * `yes` or `no`, by the passage closest to the question. The answer is no when only one of the two is negated, or when
 * the passage says the opposite. This method is weak: it understands neither text. Refused when no passage is about the
 * question, or none contains its last word.
 */
export async function decideQuestion(asked: string, reading: IndexedDocuments): Promise<OfflineFinding> {
  const question = asked.replace(QUESTION_FRAME, ' ')
  const best = (await reading.rank(question, 1))[0]
  if (!best) return refusedFinding('no passage is about this')
  const held = new Set(termsOf(`${best.heading} ${best.text}`))
  const missing = queryTerms(question).filter((term) => !held.has(term))
  const opposed = missing.filter((term) => oppositesOf(term).some((other) => held.has(other)))
  const open = missing.filter((term) => !opposed.includes(term) && !likeOf(term).some((other) => held.has(other)))
  // the rarest word may be the one that the text replaces by its opposite
  if (best.score < MIN_RELEVANCE && (open.length > 0 || opposed.length === 0))
    return refusedFinding('no passage is about this')
  const last = termsOf(question).at(-1)
  if (last !== undefined && open.includes(last)) return refusedFinding('the passages about this do not say so')
  const turns = [isNegated(best.text) !== isNegated(question), opposed.length % 2 === 1]
  const text = turns.filter(Boolean).length % 2 === 0 ? 'yes' : 'no'
  const quotes = [{ document: best.document, start: best.start, end: best.end }]
  return { text, quotes, confidence: boundConfidence(best.score * 0.5) }
}

function isNegated(text: string): boolean {
  return (text.replace(/\bwith or without\b/gi, ' ').match(NEGATION)?.length ?? 0) % 2 === 1
}
