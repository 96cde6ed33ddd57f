import type { Json } from '../../kernel/json.ts'
import type { ValueRef } from '../values.ts'

/** The tools that ask a person. The signal of an answer has the name of their step. */
export const ASKING_TOOLS: ReadonlySet<string> = new Set(['user-prompt', 'approval-gate', 'feedback-collection'])

/** A waiting step as people see it. */
export type InboxPrompt = {
  readonly kind: 'prompt' | 'approval' | 'feedback' | 'signal' | 'money' | 'unknown'
  /** the question, in a few words */
  readonly title: string
  /** the content that the question is about; may be long */
  readonly content?: ValueRef
  readonly expects: ExpectedAnswer
  /** a machine answers it at its address, and no person: the inbox has it only while a delivery does not fit */
  readonly url?: true
} & CallFacts

/** When a call in doubt was sent (ms since the epoch), the error that ended it, and the last look-up, with its time. */
export type CallFacts = { readonly sentAt?: number; readonly lastWords?: string; readonly lookedUp?: LookedUp }
type LookedUp = { readonly at: number; readonly found: string }

export type ExpectedAnswer = {
  readonly type:
    | 'text'
    | 'multiline'
    | 'number'
    | 'boolean'
    | 'choice'
    | 'approval'
    | 'answers'
    | 'any'
    | 'money'
    | 'settlement'
  readonly choices?: readonly Json[]
  /** the meaning of an empty answer */
  readonly default?: Json
  readonly pattern?: string
  /** a decision without a reason is refused */
  readonly reason?: boolean
  readonly questions?: readonly { readonly [field: string]: Json }[]
}
