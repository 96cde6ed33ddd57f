import type { Problem } from '../../errors.ts'
import type { EmbeddingModels } from '../../model/embed/embed-in-pool.ts'
import type { Embedder } from '../../model/embed/embedder.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { Assignment } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import type { Pools } from '../../worker/pools.ts'
import type { ChainLimits } from './limits.ts'
import type { Modality } from './modality.ts'
import type { PhaseInput, PhaseName, PhaseResult, PhaseStates, Retrieval } from './phase-types.ts'

/** One of the six phases, for a modality (`default`: any) and a domain (absent: general). */
export interface Phase<Name extends PhaseName = PhaseName> {
  readonly name: Name
  readonly modality: Modality | 'default'
  readonly domain?: string
  initial(modality: Modality): PhaseStates[Name]
  /** Runs the phase. If it throws, `fallback` or the policy of the chain decides. */
  run(state: PhaseStates[Name], input: PhaseInput, context: PhaseContext): Promise<PhaseResult<Name>>
  /** The result to continue with after `run` failed; absent: there is none. */
  fallback?(state: PhaseStates[Name], input: PhaseInput, problem: Problem): PhaseResult<Name>
}

/** Any of the six, whichever it is. */
export type AnyPhase = { [Name in PhaseName]: Phase<Name> }[PhaseName]

/** Phase implementations by phase, modality and domain. A registry is a value: registering returns a new one. */
export type PhaseRegistry = ReadonlyMap<string, Phase>

/**
 * Side effects of a phase, in sequence and any number of times. Every call is journaled: after a
 * crash or a wait for budget, completed calls are not repeated.
 */
export interface PhaseContext {
  /** One reply of the phase's model, or of the next one named when it fails. `aloud` shows its text as it grows. */
  askModel(assignment: Assignment, options?: { readonly aloud?: boolean }): Promise<ModelReply>
  /** Searches the sources of the ask. */
  retrieve(question: string): Promise<Retrieval>
  /** Whether the model only selects from given text: it is then asked for what can be selected. */
  readonly offline: boolean
}

/**
 * The model functions of a chain: one reply per call. `default`: whether the default model works
 * offline. `fallback`: its substitutes. `vectors`: the provider model for semantic comparison.
 */
type ChainModels = CallableModels &
  EmbeddingModels & {
    readonly default: { readonly offline: boolean }
    fallback?(): readonly string[]
  }

/** Everything a chain needs from outside. */
export type ChainServices = {
  readonly models: ChainModels
  readonly pools: Pick<Pools, 'find'>
  /** The text of a file; rejects for one that may not or cannot be read. */
  readFile(path: string, signal: AbortSignal): Promise<string>
  /** A text that came along with a question, by its hash; absent where none do. */
  readBlob?(hash: string): Promise<string>
  /** compares texts by meaning on this machine; where neither that nor a provider's model does, files are searched by words alone */
  readonly embedder?: Embedder
  readonly phases?: PhaseRegistry
  /** the domains that pools are for, as they stand in the ids of pools; absent: none */
  readonly domains?: readonly string[]
  /** Removes secrets from the text of a failure; absent: there are no secrets. */
  redact?(text: string): string
  readonly limits?: Partial<ChainLimits>
}
