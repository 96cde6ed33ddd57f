import { InvalidError, type Problem } from '../../errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { EffectCall, EffectClass } from '../../kernel/types.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { Memory } from '../../memory/memory.ts'
import type { ModelFacts } from '../../model/choose/model-facts.ts'
import type { EmbeddingModels } from '../../model/embed/embed-in-pool.ts'
import type { Embedder } from '../../model/embed/embedder.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { ProbeReport } from '../../model/probe/report.ts'
import type { Assignment } from '../../model/prompt/task.ts'
import type { FileVerdicts, ModelReply, ModelRequest } from '../../model/request/request.ts'
import type { FileContent } from '../../source/document.ts'
import type { FolderWalk } from '../../source/folder/walk.ts'
import type { ShownMedia } from '../../source/media/documents.ts'
import type { ConfiguredDomains } from '../../thread/protocol/domain.ts'
import { isOwnModality, MODALITIES, type Modality } from '../../thread/protocol/modality.ts'
import type { PhaseStates } from '../../thread/protocol/phase-states.ts'
import {
  type Hit,
  PHASES,
  type PhaseInput,
  type PhaseName,
  type PhaseResult,
  type Retrieval,
  type SearchPlace,
  type SourceRef,
} from '../../thread/protocol/phase-types.ts'
import type { PaidOptions } from '../../work/payer.ts'
import type { PoolPatience } from '../../work/provider-wait.ts'
import type { Pools } from '../../worker/pools.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import type { CallServices, ToolCalls } from './calls.ts'
import type { ChainLimits } from './limits.ts'

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

/** One of the six phases. */
export type AnyPhase = { [Name in PhaseName]: Phase<Name> }[PhaseName]

/** Where a phase of your own comes from: a file, as antiphon.yaml names it, with the hash of its code; or a program. */
export type PhaseOrigin = { readonly file?: string; readonly hash?: string; hashNow?(): Promise<string | undefined> }

/** A phase in a registry. `origin`: it is not built in. `version`: it keeps a state of its own form. */
export type RegisteredPhase = Omit<Phase, 'fallback'> & {
  readonly origin?: PhaseOrigin
  readonly version?: number
  fallback?(...given: Parameters<NonNullable<Phase['fallback']>>): PhaseResult | Promise<PhaseResult>
}

/** Phase implementations by phase, modality and domain. A registry is a value: registering returns a new one. */
export type PhaseRegistry = ReadonlyMap<string, RegisteredPhase>

/** Kinds of records, such as `note`, and a space. Absent: all. */
export type RecallFilter = { readonly kinds?: readonly string[]; readonly space?: string }

/**
 * Side effects of a phase, in sequence and any number of times. Every call is journaled: after a
 * crash or a wait for budget, completed calls are not repeated.
 */
export interface PhaseContext {
  /** One reply of the phase's model; if the model fails, of the next one. `aloud` publishes the text as it grows. */
  askModel(
    assignment: Assignment & Pick<ModelRequest, 'tools' | 'rounds' | 'toolChoice'>,
    options?: { readonly aloud?: boolean },
  ): Promise<ModelReply>
  /** Searches the sources of the ask. */
  retrieve(question: string, options?: LookOptions): Promise<Retrieval>
  /**
   * The stored files of the ask, as readers give them: facts, texts and their places. Pictures, recordings and films
   * are stored, and so is a file that is named by its id; `retrieve` finds other paths and texts.
   */
  files(): Promise<readonly PhaseFile[]>
  /**
   * Runs code of the phase itself, in its pool. `effect` says whether it may be repeated, as for tools. Its result is
   * JSON. An at-most-once effect that was cut off is not repeated: it fails with `unknown`.
   */
  run<Result extends Json | void>(
    name: string,
    work: (call: Pick<EffectCall, 'signal' | 'idempotencyKey' | 'attempt'>) => Promise<Result> | Result,
    options: { readonly effect: EffectClass },
  ): Promise<Result>
  /**
   * The records of the asker's memory that fit a question, within the filters of the ask; none if the ask reads no
   * memory. `space`: this one and all below it.
   */
  recall(question: string, filter?: RecallFilter): Promise<readonly Hit[]>
  /**
   * Puts eight fixed questions to a model, each as an effect that the ask pays, and judges the answers. Fails if
   * it does not answer the first one.
   */
  probe(model: string): Promise<ProbeReport>
  /**
   * Calls a tool that the ask may use, in a run of its own, which may wait for a person. The phase ends its turn, and
   * repeats when the run has ended. TerminalError with the reason if the call fails or is not allowed.
   */
  call(tool: string, input: JsonObject): Promise<Json>
  /** The tools of the ask, for a model that may call them; absent: none. */
  readonly tools?: ToolCalls
  /** Whether the model only selects from given text; prompts then ask only for selections. */
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
    /** the descriptions of the models; absent: there are none */
    facts?(): readonly ModelFacts[]
  }

/** The memories of owners, as asks use them. */
export interface MemoryOfOwner {
  (owner: string): Pick<Memory, 'search' | 'list' | 'add' | 'forget'>
  /** Whether there may be records. Without them, an ask does not open a memory. */
  mayHold(): boolean
}

/** A step from a hit to the passage beside it: the slide, page or sentence after it, or the one before. */
export type PlaceStep = { readonly from: Hit; readonly to: 'next' | 'previous'; readonly by: 'page' | 'passage' }

/** The parts to search for instead of the whole question, and where to look besides the usual places. */
export type LookOptions = {
  readonly parts?: readonly string[]
  readonly places?: readonly SearchPlace[]
  /** the passage beside a hit of an earlier ask is wanted */
  readonly step?: PlaceStep
  /** the models among the sources, as probes have shown them */
  readonly probed?: readonly ProbedModel[]
}

/** A model that an ask is about: the report of its probes, or why there is none. */
export type ProbedModel = { readonly model: string } & ({ readonly report: ProbeReport } | { readonly fault: string })

/** The files of domains, as they were when the process began. */
export interface DomainFiles {
  /** The first files of a source. @throws TerminalError if they are not those that the ask began with */
  list(source: SourceRef, files: number): FolderWalk
  /** A file of the list. @throws TerminalError if it cannot be read, or has changed */
  read(path: string, signal: AbortSignal): Promise<FileContent>
}

/**
 * A file of an ask: its facts and texts line by line, with the place of each line as a media fragment. Texts of all
 * files have 64,000 characters together. `path`: where it lies, if the asker named it so. `gaps`: what is missing.
 */
export type PhaseFile = FileRef & {
  readonly text: string
  readonly passages: readonly { readonly text: string; readonly at: string }[]
  readonly gaps: readonly string[]
  readonly path?: string
}

/** The pool and the payer of a transcript. */
type PaidHearing = { readonly pool: WorkPool; readonly task: PaidOptions }

/** Everything a chain needs from outside. */
export type ChainServices = {
  /** absent: calls do not wait for their provider */
  readonly patience?: PoolPatience
  readonly models: ChainModels
  readonly pools: Pick<Pools, 'find'>
  /** A file; rejects if it may not or cannot be read. */
  readFile(path: string, signal: AbortSignal): Promise<FileContent>
  /** The text or file that came with a question under this name, by its hash; absent where questions bring none. */
  readBlob?(hash: string, name: string, signal: AbortSignal): Promise<FileContent>
  /** A stored file of an owner, as its reader gives it; absent where questions bring none. */
  readStored?(file: FileRef, owner: string, signal: AbortSignal): Promise<FileContent>
  /** Transcribes a stored recording or film of an owner, once; absent: no model does. */
  hear?(file: FileRef, owner: string, hearing: PaidHearing): Promise<unknown>
  /** The files that show a stored file to a model; absent where questions bring none. */
  shownFiles?(file: FileRef, owner: string, signal: AbortSignal): Promise<readonly ShownMedia[]>
  /** The verdicts of servers about the files of an owner; absent: none are kept. */
  verdicts?(owner: string): FileVerdicts
  /** The files of a folder, at most `files`; absent where questions name no folders. */
  listFiles?(folder: SourceRef, options: { readonly files: number; readonly signal: AbortSignal }): Promise<FolderWalk>
  /** Calls of tools; absent: phases make none, and no ask searches the web. */
  readonly calls?: CallServices
  /** When a file of a source was changed, ms since the epoch; undefined: it cannot be told. Absent: of no file. */
  changedAt?(path: string, kind: SourceRef['kind']): Promise<number | undefined>
  /** The memory of an owner; absent: asks use none. */
  readonly memory?: MemoryOfOwner
  /** asks may share their prompts, and search those of others; absent: such asks are refused */
  readonly sharing?: boolean
  /** false: what phases learn stays out of the memory */
  readonly learn?: boolean
  /** the embedder of this machine; without it and without a provider's embedder, files are searched by words only */
  readonly embedder?: Embedder
  readonly phases?: PhaseRegistry
  /** the domains of antiphon.yaml; absent: none */
  readonly ownDomains?: ConfiguredDomains
  /** the files of these domains */
  readonly domainFiles?: DomainFiles
  /** the domains of the pools, as they appear in pool ids; absent: none */
  readonly domains?: readonly string[]
  /** Removes secrets from the text of a failure; absent: there are no secrets. */
  redact?(text: string): string
  readonly limits?: Partial<ChainLimits>
}

/** InvalidError for a phase that could never be used. */
export function checkPhase(phase: { readonly [field in 'name' | 'modality' | 'initial' | 'run']: unknown }): void {
  const { name, modality, initial, run } = phase
  checkOneOf(PHASES, name, 'the name of a phase')
  // a word that is close to another one is misspelt
  if (!isOwnModality(modality) || nearestWord(modality, MODALITIES) !== undefined)
    checkOneOf([...MODALITIES, 'default'], modality, `the modality of phase ${name}`)
  if (typeof initial !== 'function' || typeof run !== 'function')
    throw new InvalidError(`\`initial\` and \`run\` of phase ${name} for ${modality} are not both functions.`)
}

/** InvalidError for an unknown word. */
export function checkOneOf(known: readonly string[], given: unknown, what: string): void {
  if (known.some((word) => word === given)) return
  const meant = nearestWord(String(given), known)
  throw new InvalidError(`${JSON.stringify(given)} is not ${what}.`, {
    hint: meant === undefined ? `One of ${known.join(', ')}.` : `Did you mean ${meant}?`,
  })
}
