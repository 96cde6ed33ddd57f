import type { Json } from '../../../kernel/schema.ts'
import type { ValueRef } from '../../plan/refs.ts'

/** A waiting step as people see it. */
export type InboxPrompt = {
  readonly kind: 'prompt' | 'approval' | 'feedback' | 'signal' | 'money'
  /** what is asked, in some words */
  readonly title: string
  /** what it is about; may be long */
  readonly content?: ValueRef
  /** what an answer looks like */
  readonly expects: ExpectedAnswer
}

/** The form of an answer. */
export type ExpectedAnswer = {
  readonly type: 'text' | 'multiline' | 'number' | 'boolean' | 'choice' | 'approval' | 'answers' | 'any' | 'money'
  readonly choices?: readonly Json[]
  /** what an answer of nothing means */
  readonly default?: Json
  readonly pattern?: string
  /** a decision without a reason is refused */
  readonly reason?: boolean
  readonly questions?: readonly { readonly [field: string]: Json }[]
}
