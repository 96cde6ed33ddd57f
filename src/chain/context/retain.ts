import { askOf, isUsers, type Operation, SUMMARY } from '../protocol/context-operations.ts'
import type { HistoryEntry } from '../protocol/phase-types.ts'
import { askedIn, type Occasion, relevanceOf, writtenIn } from './relevance.ts'

/** An earlier message as the rules look at it: its number, its length in characters, and how much it matters, 0..1. */
export type Item = { readonly message: number; readonly length: number; readonly relevance: number }

/** What an ask has come to, and what it was shown of the thread. */
export type Understood = {
  readonly ask: number
  readonly intents: readonly string[]
  readonly drafts: readonly string[]
  readonly history: readonly HistoryEntry[]
}

/** An answer below is not about what is asked any more; from there up it is kept as it is. */
const RELEVANT = 0.3
const NEEDED = 0.7
/** A user's text that is longer may be summarised, if they agree. */
const LONG = 1000

/** What is wanted of the messages that an ask was shown, but for the newest answer. */
export function retain({ ask, history, intents, drafts }: Understood): readonly Operation[] {
  const newest = history.findLast(({ role }) => role === 'assistant')
  const earlier = history.filter((entry) => entry !== newest)
  const [asked, written] = [intents.map(askedIn), drafts.map(writtenIn)]
  const occasion = (message: number) => ({ asked, written, age: ask - askOf(message) })
  return operationsFor(earlier.flatMap((entry) => itemOf(entry, occasion)))
}

/** The rules, message by message. */
export function operationsFor(items: readonly Item[]): readonly Operation[] {
  return items.flatMap((item) => (isUsers(item.message) ? forPrompt(item) : forAnswer(item)))
}

function itemOf(
  { n, text, length = text.length }: HistoryEntry,
  occasion: (message: number) => Occasion,
): readonly Item[] {
  if (n === undefined) return []
  // what is a user's is not weighed
  return [{ message: n, length, relevance: isUsers(n) ? 1 : relevanceOf(text, occasion(n)) }]
}

function forPrompt({ message: target, length }: Item): readonly Operation[] {
  if (length <= LONG) return []
  const summary = { operation: 'TRANSFORM', transformation: 'summarize', maxLength: SUMMARY.user } as const
  return [{ ...summary, target, reason: 'length', originalLength: length, requiresConsent: true }]
}

function forAnswer({ message: target, length, relevance }: Item): readonly Operation[] {
  if (relevance >= NEEDED) return []
  const why = { target, reason: 'low_relevance', relevance } as const
  if (relevance < RELEVANT) return [{ operation: 'PRUNE', ...why }]
  const summary = { transformation: 'summarize', maxLength: SUMMARY.assistant, originalLength: length } as const
  return [{ operation: 'TRANSFORM', ...summary, ...why }]
}
