import type { Recursion } from '../chain/decide.ts'
import type { Citation, Degraded, ModelChoice } from '../chain/types.ts'

/** What to ask, on which thread, over which files; the same `id` asks once only. */
export type AskRequest = {
  readonly prompt: string
  readonly thread: string
  readonly files?: readonly string[]
  /** which model answers in which phase, `default` for those that are not named; absent: the default one */
  readonly models?: ModelChoice
  /** what it is about, as phases and pools are chosen by: text, code, image …; absent: told from the prompt */
  readonly modality?: string
  /** the field it belongs to, such as medical, as phases and pools are chosen by; absent: general */
  readonly domain?: string
  /** whether it goes round again: `auto` (when absent) as Understanding decides, `never`, or `step`: after each cycle it waits for `decideAsk` */
  readonly recursion?: Recursion
  /** texts to answer from as if they were files, each with what to call it */
  readonly texts?: readonly { readonly name: string; readonly text: string }[]
  /** who asks; absent: `local`. A thread is whose who asks first on it. */
  readonly owner?: string
  readonly id?: string
  /** dollars that all questions on its thread may cost together, from now on */
  readonly budget?: number
}
/**
 * An ask's answer: its citations were found in what was retrieved, and `<vid>v1</vid>` in the text stands behind what the one of that `vid` bears
 * out; `degraded` names what could not be done properly.
 */
export type Answer = {
  readonly id: string
  readonly thread: string
  readonly status: string
  readonly answer: string
  readonly citations: readonly Citation[]
  readonly degraded: readonly Degraded[]
  readonly model: string
}
