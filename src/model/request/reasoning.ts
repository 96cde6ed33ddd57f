/** How hard a model thinks before it answers, in the words of the AI SDK. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof EFFORTS)[number]

/** How much a model thinks: by a word, or tokens at most. */
export type Reasoning = { readonly effort: Effort } | { readonly tokens: number }

/** Tokens of thoughts, and of a reply with its thoughts, at most. More must be a mistake. */
export const MAX_REPLY = 10_000_000
