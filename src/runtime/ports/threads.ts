import type { Citation, Degraded, ModelChoice } from '../../chain/protocol/phase-types.ts'
import type { Recursion } from '../../chain/protocol/recursion.ts'

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
  /** looks into the texts and answers with one model call; one round, so not with `recursion: 'step'` */
  readonly quick?: boolean
  /** texts to answer from as if they were files, each with what to call it */
  readonly texts?: readonly { readonly name: string; readonly text: string }[]
  /** who asks; absent: `local`. A thread is whose who asks first on it. */
  readonly owner?: string
  readonly id?: string
  /** dollars that all questions on its thread may cost together, from now on */
  readonly budget?: number
}
/**
 * An ask's answer. Its citations were retrieved from the texts for this ask. `<vid>v1</vid>` in the text follows what the citation of that
 * `vid` supports. `degraded` names what could not be done properly.
 */
export type Answer = {
  readonly id: string
  readonly thread: string
  readonly status: string
  readonly answer: string
  readonly citations: readonly Citation[]
  /** `no source`: no text was given, and the model answered from what it knows or from the conversation */
  readonly basis: Basis
  /** the texts speak of what is asked, and the model is not sure that this answers it; only models that measure it say so */
  readonly unsure?: true
  readonly degraded: readonly Degraded[]
  readonly model: string
}

/** What an answer rests on: the texts that it cites, or nothing that can be checked. */
export const BASES = ['texts', 'no source'] as const
export type Basis = (typeof BASES)[number]

export function basisOf(citations: readonly Citation[]): Basis {
  return citations.length > 0 ? 'texts' : 'no source'
}
