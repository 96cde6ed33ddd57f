import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ModelUse } from '../../step/record/model-use.ts'

/** A question for a model that is answered before the step runs. Templates read the answer as `name`. */
export type AutoTag = {
  readonly name: string
  /** the path of the value that it fills, as `parameters.max_tokens` */
  readonly for: string
  /** a template */
  readonly instruction: string
  readonly shape: AnswerShape
  /** topic words that the author gave */
  readonly hints: readonly string[]
  /** steps whose results are sent along with a question that mentions none */
  readonly context?: readonly string[]
}

/** Whether a name is that of an answer. Authors cannot give such names to steps or inputs. */
export const isAutoAnswerName = (name: string) => /^__auto_[otgfi]?\d+$/.test(name)

/** Whether the tag belongs to a loop condition, and so is asked before each further iteration. */
export const isAskedPerIteration = ({ name }: Pick<AutoTag, 'name'>) => name.startsWith(ITERATION_TAG_PREFIX)

/** Prefix of the names of answers that decide whether a loop repeats. */
export const ITERATION_TAG_PREFIX = '__auto_t'

/** The kind of answer a tag wants. `otherwise`: the answer of the offline model when the text says nothing. */
export type AnswerShape =
  | { readonly type: 'text' | 'list' | 'object' | 'any' }
  | { readonly type: 'boolean'; readonly otherwise: false }
  | { readonly type: 'integer' | 'number'; readonly min?: number; readonly max?: number; readonly otherwise?: number }
  | { readonly type: 'choice'; readonly choices: readonly string[]; readonly many?: true }
  /** chosen among the available models, without asking any */
  | { readonly type: 'model' }

/** The answer to an AUTO tag, and the model call that produced it. */
export type AutoAnswer = {
  readonly name: string
  readonly value: Json
  readonly use?: ModelUse
  readonly why?: string
  /** what the chosen model lacks of what is asked */
  readonly lacks?: readonly string[]
  /** earlier calls that failed */
  readonly failed?: readonly ModelUse[]
  /** why there is no answer */
  readonly problem?: Problem
}
