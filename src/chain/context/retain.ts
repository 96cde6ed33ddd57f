import type { ContextOperation } from '../../thread/protocol/context-operations.ts'
import { askOfMessage, isUserMessage, MAX_SUMMARY_LENGTH } from '../../thread/protocol/context-operations.ts'
import type { HistoryEntry } from '../../thread/protocol/phase-types.ts'
import { questionTermsOf, type RelevanceBasis, relevanceOf, textWordsOf } from './relevance.ts'

/** An earlier message: number, length in characters, relevance 0..1. */
type RatedMessage = { readonly message: number; readonly length: number; readonly relevance: number }

/** The results of an ask so far, and the history it was shown. */
type ReviewedAsk = {
  readonly ask: number
  readonly intents: readonly string[]
  readonly drafts: readonly string[]
  readonly history: readonly HistoryEntry[]
}

/** Answers below this relevance are removed from prompts. */
const MIN_RELEVANCE_FOR_SUMMARY = 0.3
const MIN_RELEVANCE_FOR_WHOLE = 0.7
/** Longer texts of a user may be summarised, with consent. */
const MAX_WHOLE_PROMPT = 1000

/** The operations proposed for the messages that an ask was shown, except the newest answer. */
export function proposeOperations({ ask, history, intents, drafts }: ReviewedAsk): readonly ContextOperation[] {
  const newest = history.findLast(({ role }) => role === 'assistant')
  const earlier = history.filter((entry) => entry !== newest)
  const [asked, written] = [intents.map(questionTermsOf), drafts.map(textWordsOf)]
  const occasion = (message: number) => ({ asked, written, age: ask - askOfMessage(message) })
  return operationsForMessages(earlier.flatMap((entry) => itemOf(entry, occasion)))
}

/** Applies the rules to each message. */
export function operationsForMessages(items: readonly RatedMessage[]): readonly ContextOperation[] {
  return items.flatMap((item) => (isUserMessage(item.message) ? forPrompt(item) : forAnswer(item)))
}

function itemOf(
  { n, text, length = text.length }: HistoryEntry,
  occasion: (message: number) => RelevanceBasis,
): readonly RatedMessage[] {
  if (n === undefined) return []
  // messages of users have no weight
  return [{ message: n, length, relevance: isUserMessage(n) ? 1 : relevanceOf(text, occasion(n)) }]
}

function forPrompt({ message: target, length }: RatedMessage): readonly ContextOperation[] {
  if (length <= MAX_WHOLE_PROMPT) return []
  const summary = { operation: 'TRANSFORM', transformation: 'summarize', maxLength: MAX_SUMMARY_LENGTH.user } as const
  return [{ ...summary, target, reason: 'length', originalLength: length, requiresConsent: true }]
}

function forAnswer({ message: target, length, relevance }: RatedMessage): readonly ContextOperation[] {
  if (relevance >= MIN_RELEVANCE_FOR_WHOLE) return []
  const why = { target, reason: 'low_relevance', relevance } as const
  if (relevance < MIN_RELEVANCE_FOR_SUMMARY) return [{ operation: 'PRUNE', ...why }]
  const summary = {
    transformation: 'summarize',
    maxLength: MAX_SUMMARY_LENGTH.assistant,
    originalLength: length,
  } as const
  return [{ operation: 'TRANSFORM', ...summary, ...why }]
}
