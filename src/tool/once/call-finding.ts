import type { Json } from '../../kernel/json.ts'

/** A call that may have taken place. `since`: when that became unknown, in ms since the epoch. */
export type CallInDoubt = {
  /** the key that the call got */
  readonly idempotencyKey: string
  readonly since: number
  readonly signal: AbortSignal
}

/**
 * The finding of a look-up. `done`: the call took place, with this result. `not-done`: there is no trace of it, which
 * counts after `settlesAfter`; `{ notDone: 'final' }` counts at once. `unknown`: a person decides.
 */
export type CallFinding<Output = Json> =
  | { readonly done: Output }
  | 'not-done'
  | { readonly notDone: 'final' }
  | 'unknown'

/**
 * A look-up by a call of another tool, as data. Its texts are templates: those of `parameters` see `key`, the key of
 * the call, and `done` and `notDone` see `result`, too.
 */
export type LookUpByTool = {
  /** its name with its operation */
  readonly tool: string
  /** the author says that it only reads here; absent: its own class must be `pure` */
  readonly effect?: 'pure'
  readonly parameters: { readonly [name: string]: Json }
  /** the result of the call; nothing, false or an empty text: it was not found */
  readonly done: Json
  /** a condition under which the call was not made; absent: it is not known then */
  readonly notDone?: string
  /** ms after which "not made" counts */
  readonly settlesAfter?: number
}

/** How the templates of a look-up are rendered, with the names that it adds. */
export type LookUpTexts = {
  value(template: Json, names: { readonly [name: string]: unknown }): Json
  holds(condition: string, names: { readonly [name: string]: unknown }): boolean
}
