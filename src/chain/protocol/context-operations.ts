/** What is wanted of a message of a thread, by its number, where later prompts show it. It says what is meant: the reducer decides. */
export type Operation = Prune | Transform | Prioritize

/** It leaves prompts. The row stays, and it can come back. */
export type Prune = {
  readonly operation: 'PRUNE'
  readonly target: number
  readonly reason: 'low_relevance' | 'user_consent'
  readonly relevance?: number
}

/** Prompts show sentences of it, in at most `maxLength` characters. */
export type Transform = {
  readonly operation: 'TRANSFORM'
  readonly transformation: 'summarize'
  readonly target: number
  readonly reason: 'low_relevance' | 'length' | 'user_consent'
  readonly maxLength: number
  readonly originalLength?: number
  readonly relevance?: number
  /** nothing happens before its user has said so */
  readonly requiresConsent?: true
}

/** Its user wants it whole: the rules leave it alone from then on. */
export type Prioritize = {
  readonly operation: 'PRIORITIZE'
  readonly target: number
  readonly reason: 'user_consent'
  readonly priority: 1
}

/** What becomes of a message where a prompt has it. */
export const SHOWN = ['whole', 'summary', 'removed'] as const
export type Shown = (typeof SHOWN)[number]

/** What is done to a message where prompts have it, by its number; to one that has no treatment nothing is. */
export type Treatment = {
  readonly message: number
  readonly inPrompts: Shown
  /** characters of a summary */
  readonly size?: number
  /** as its user said: the rules leave it alone */
  readonly decided?: true
  /** what is done to an answer where a prompt has no room for all */
  readonly wanted?: { readonly as: Shown; readonly size?: number; readonly relevance: number }
  /** its user is asked whether prompts may show a summary of it, which is so `length`; by which ask, and since when (ms since the epoch) */
  readonly question?: { readonly ask: string; readonly at: number; readonly length: number }
}
export type Context = readonly Treatment[]
export type Rejected = { readonly operation: Operation; readonly why: string }

/** What a user may say of a message. */
export const ANSWERS = ['keep', 'summarise', 'remove', 'restore'] as const
export type Answer = (typeof ANSWERS)[number]

/** Characters of a summary. */
export const SUMMARY = { user: 200, assistant: 100 }

/** Messages of a thread are numbered in their order: those of users are odd, those of answers even. */
export const promptNumber = (ask: number): number => 2 * ask - 1
export const answerNumber = (ask: number): number => 2 * ask
/** The number of the ask that a message belongs to. */
export const askOf = (message: number): number => Math.ceil(message / 2)
export const isUsers = (message: number): boolean => message % 2 === 1

/** A user's answer as an operation. What is brought back is kept, as what was never taken. */
export function operationFor(target: number, answer: Answer): Operation {
  const said = { target, reason: 'user_consent' } as const
  if (answer === 'remove') return { operation: 'PRUNE', ...said }
  if (answer !== 'summarise') return { operation: 'PRIORITIZE', ...said, priority: 1 }
  const maxLength = SUMMARY[isUsers(target) ? 'user' : 'assistant']
  return { operation: 'TRANSFORM', transformation: 'summarize', ...said, maxLength }
}
