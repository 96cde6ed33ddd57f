/** A proposed change to how later prompts show a message. It states an intent; the reducer decides. */
export type ContextOperation = Prune | Transform | Prioritize

/** The message leaves the prompts. The stored message stays and can be restored. */
type Prune = {
  readonly operation: 'PRUNE'
  readonly target: number
  readonly reason: 'low_relevance' | 'user_consent'
  readonly relevance?: number
}

/**
 * Prompts show sentences of the message, in at most `maxLength` characters.
 * @public
 */
export type Transform = {
  readonly operation: 'TRANSFORM'
  readonly transformation: 'summarize'
  readonly target: number
  readonly reason: 'low_relevance' | 'length' | 'user_consent'
  readonly maxLength: number
  readonly originalLength?: number
  readonly relevance?: number
  /** no effect before the user agrees */
  readonly requiresConsent?: true
}

/** The user wants the whole message: the rules no longer change it. */
type Prioritize = {
  readonly operation: 'PRIORITIZE'
  readonly target: number
  readonly reason: 'user_consent'
  readonly priority: 1
}

/** How a prompt shows a message. */
export const VISIBILITIES = ['whole', 'summary', 'removed'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** How prompts treat a message. A message without a treatment is shown whole. */
export type MessageTreatment = {
  readonly message: number
  readonly inPrompts: Visibility
  /** characters of a summary */
  readonly size?: number
  /** the user decided: the rules do not change it */
  readonly decided?: true
  /** how the answer is shown if a prompt has no room for all answers */
  readonly wanted?: { readonly as: Visibility; readonly size?: number; readonly relevance: number }
  /**
   * an open question to the user: may prompts show a summary of this message
   * of `length` characters? With its ask and time (ms since the epoch)
   */
  readonly question?: { readonly ask: string; readonly at: number; readonly length: number }
}
export type Treatments = readonly MessageTreatment[]
export type RejectedOperation = { readonly operation: ContextOperation; readonly why: string }

/** The answers a user may give about a message. */
export const CONSENT_ANSWERS = ['keep', 'summarise', 'remove', 'restore'] as const
export type ConsentReply = (typeof CONSENT_ANSWERS)[number]

/** Characters of a summary. */
export const MAX_SUMMARY_LENGTH = { user: 200, assistant: 100 }

/** Messages are numbered in order on a thread: prompts are odd, answers are even. */
export const promptMessage = (ask: number): number => 2 * ask - 1
export const answerMessage = (ask: number): number => 2 * ask
export const askOfMessage = (message: number): number => Math.ceil(message / 2)
export const isUserMessage = (message: number): boolean => message % 2 === 1

/** A user's answer as an operation. `restore` and `keep` have the same effect. */
export function consentOperation(target: number, answer: ConsentReply): ContextOperation {
  const said = { target, reason: 'user_consent' } as const
  if (answer === 'remove') return { operation: 'PRUNE', ...said }
  if (answer !== 'summarise') return { operation: 'PRIORITIZE', ...said, priority: 1 }
  const maxLength = MAX_SUMMARY_LENGTH[isUserMessage(target) ? 'user' : 'assistant']
  return { operation: 'TRANSFORM', transformation: 'summarize', ...said, maxLength }
}
