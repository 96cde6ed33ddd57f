import type { Problem } from '../../errors.ts'
import type { Assignment } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import type { Retrieval } from '../retrieval/sources.ts'
import type { Modality } from './modality.ts'
import type { PhaseInput, PhaseName, PhaseResult, PhaseStates } from './phase-types.ts'

/** One of the six phases, for a modality (`default`: any) and a domain (absent: general). */
export interface Phase<Name extends PhaseName = PhaseName> {
  readonly name: Name
  readonly modality: Modality | 'default'
  readonly domain?: string
  initial(modality: Modality): PhaseStates[Name]
  /** What the phase makes of its input. Whatever it throws, `fallback` or the chain's policy answers for it. */
  run(state: PhaseStates[Name], input: PhaseInput, hands: Hands): Promise<PhaseResult<Name>>
  /** What to go on with when `run` failed; absent: nothing can. */
  fallback?(state: PhaseStates[Name], input: PhaseInput, problem: Problem): PhaseResult<Name>
}

/** Any of the six, whichever it is. */
export type AnyPhase = { [Name in PhaseName]: Phase<Name> }[PhaseName]

/**
 * What a phase may do in the world, one thing after another and as often as it likes. All of it is journaled: after a crash nothing is done again
 * that came back, nor after a phase had to wait for money.
 */
export interface Hands {
  /** One reply of the phase's model, or of the next one named when it fails. `aloud` shows its text as it grows. */
  think(assignment: Assignment, options?: { readonly aloud?: boolean }): Promise<ModelReply>
  /** What the ask's sources hold on a question. */
  retrieve(question: string): Promise<Retrieval>
  /** Whether the model only selects from given text: it is then asked for what can be selected. */
  readonly offline: boolean
}
