import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ModelUse } from './model-use.ts'

/** A question a step asks a model before it acts; the answer has `name` in its templates. */
export type AutoTag = {
  readonly name: string
  /** the value it is for, as `parameters.max_tokens` */
  readonly for: string
  /** a template */
  readonly instruction: string
  readonly shape: AnswerShape
  /** words for what it is about, as far as the author gave some */
  readonly hints: readonly string[]
  /** steps whose results go with a question that names nothing itself */
  readonly context?: readonly string[]
}

/** The names of answers: no author can give a step or an input one like these. */
export const isAutoAnswerName = (name: string) => /^__auto_[otgfi]?\d+$/.test(name)

/** Whether it is asked whenever a loop is to turn once more, as its body stands then. */
export const isAskedPerIteration = ({ name }: Pick<AutoTag, 'name'>) => name.startsWith(ITERATION_TAG_PREFIX)

/** How the names of answers begin that decide whether a loop turns once more. */
export const ITERATION_TAG_PREFIX = '__auto_t'

/** What kind of answer a tag wants. `otherwise`: what the offline model answers where the text tells nothing. */
export type AnswerShape =
  | { readonly type: 'text' | 'list' | 'object' | 'any' }
  | { readonly type: 'boolean'; readonly otherwise: false }
  | { readonly type: 'integer' | 'number'; readonly min?: number; readonly max?: number; readonly otherwise?: number }
  | { readonly type: 'choice'; readonly choices: readonly string[]; readonly many?: true }
  /** chosen among the models there are, without asking any */
  | { readonly type: 'model' }

/** An answer to a question of a step: what it says, and which model said it. */
export type AutoAnswer = {
  readonly name: string
  readonly value: Json
  readonly use?: ModelUse
  readonly why?: string
  /** calls before it that came to nothing */
  readonly failed?: readonly ModelUse[]
  /** why there is none */
  readonly problem?: Problem
}
