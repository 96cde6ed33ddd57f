import type { Problem } from '../../errors.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, EffectCall } from '../../kernel/types.ts'
import type { Models } from '../../model/models.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { CallPayer } from '../../model/request/request.ts'
import type { CallbackRequest } from '../../step/messages/callback.ts'
import type { ProgressMessage } from '../../step/messages/progress.ts'
import type { LoopPlan } from '../../step/messages/step-end.ts'
import type { ModelUse } from '../../step/record/model-use.ts'
import type { StepValue } from '../../step/record/outcome.ts'
import type { ValueRef, ValueStore } from '../../step/values.ts'
import type { TemplateScope } from '../../template/template.ts'
import type { OrderGoal } from '../../tool/agents/goal-origin.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'
import type { ToolServices } from '../../tool/services.ts'
import type { CallFor, CallingRun, PaidCall, ResultNote, RoomsForTools } from '../../tool/tool.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { WriteArea } from '../../tool/writes/area.ts'
import type { PoolPatience } from '../../work/provider-wait.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import type { Compilation } from '../language/compile.ts'
import type { LocatedPipelineText } from '../language/source/bundle.ts'
import type { BatchPolicy } from '../plan/batching.ts'
import type { CompiledPipeline, CompiledStep, StepWork } from '../plan/compiled.ts'
import type { StepInstance } from '../plan/instance.ts'
import type { StepStart } from '../plan/messages/step-start.ts'
import type { RunDefinition } from '../plan/reuse-source.ts'
import type { CallbackHandler } from './callback/callback-tool.ts'
import type { ModelReasons } from './templates/answers.ts'
import type { CallTime } from './tool-call/call-time.ts'

/** A source of an ask, as the chain takes it. */
type OpenedSource = { readonly kind: 'file' | 'folder'; readonly ref: string }

/** Bytes by their SHA-256 in hex. */
export interface PinStore {
  put(content: Uint8Array): Promise<string>
  get(hash: string): Promise<Uint8Array>
}

/** Code of a program that does the work of steps. */
export type ProgramWork = {
  /**
   * Does the work of a step, or says whom it asks (`asking`: `code`).
   * @throws `code_missing` if this process lacks the code: the step waits for it
   */
  perform(context: StepContext): Promise<StepResult>
  /** Rejects if the call of a step that must not be repeated may not begin any more: its run was cancelled. */
  checkBegin(start: StepStart): Promise<void>
  /** judges the answers to its requests */
  readonly handler: CallbackHandler
}

/** The services that steps use. */
export type PipelineServices = {
  readonly values: ValueStore
  /** the bytes of files that steps give to models, by hash; absent: no step has files */
  readonly pins?: PinStore
  readonly readParts: ReadParts
  readonly toolbox: Toolbox
  readonly models: CallableModels &
    Pick<Models, 'choose' | 'default'> &
    Partial<
      Pick<Models, 'fallback' | 'formOf' | 'judge' | 'facts' | 'idOf' | 'relay' | 'transcribe' | 'speak' | 'draw'>
    >
  readonly pool: WorkPool
  /** absent: calls do not wait for their provider */
  readonly patience?: PoolPatience
  /** admits steps while there is room for the values that they read; absent: all of them */
  readonly gate?: { enter(bytes: number): (() => void) | Promise<() => void> }
  /** absent: there are no secrets, and nothing is redacted */
  readonly secrets?: ToolSecrets
  /** Opens a thread of an owner, resumes work that an earlier process left, and returns its key. */
  openThread?(thread: string, owner?: string): Promise<string>
  /**
   * The source that a path of an ask names: a file, or a folder, perhaps with a pattern. Rejects for a path that the
   * roots do not permit. Absent: every path is one of a file.
   */
  openSource?(path: string, place: { readonly root: string; readonly roots: readonly string[] }): Promise<OpenedSource>
  /** The hash of the text that an owner uploaded under a name, as a `PipelineBundle`; absent: there are no uploads. */
  findUploaded?(name: string, owner: string): Promise<string | undefined>
  /** Compiles a large child pipeline in a thread; absent: it is compiled here. */
  compileAside?(below: ChildPipelineText, share: string): Promise<Compilation>
  /** The runs of an owner, the newest first; absent: they are not available. */
  readonly runs?: {
    list(owner: string): Promise<readonly RunListing[]>
    read(id: string, owner: string): Promise<RunRecord>
  }
  /**
   * The definition behind the results of a run. Undefined if it has not started or is gone. Absent:
   * child runs reuse nothing.
   */
  basisOf?(run: string): Promise<RunDefinition | undefined>
  /** the network and sandboxes of tools; absent: tools that need them fail */
  readonly toolServices?: ToolServices
  /** The ports of rooms for an owner, for changes that name their source; absent: there are none. */
  rooms?(owner: string, source: string, run?: CallingRun): RoomsForTools
  /** Whether a run goes on only after a person, a signal or a budget; absent: it always goes on by itself. */
  isHeld?(run: string): Promise<boolean>
  /** Makes the first message of a goal for an agent of the project; absent: there are no agents. */
  readonly orderGoal?: OrderGoal
  /** Adds a warning to a step that has ended; absent: it is only printed. */
  tellLate?(run: string, step: string, warning: string): Promise<void>
  /** Tells the run of a step at work how far it is; absent: its present followers alone hear it. */
  tellRun?(run: string, message: ProgressMessage): Promise<void>
  /** the code of a program that does the work of steps; absent: there is none */
  readonly code?: ProgramWork
  /** charges calls of tools to budgets; absent: they cost nothing */
  pay?<Made>(payer: CallPayer, call: PaidCall<Made>): Promise<Made>
  /** the base folder of relative paths, and the folders that tools may use */
  readonly root: string
  readonly roots: readonly string[]
  /**
   * of these folders those that untrusted runs may use, too, and the
   * tools that such runs may call although they reach the whole machine
   */
  readonly open?: { readonly roots: readonly string[]; readonly tools: readonly string[] }
  /** where calls that a model chose may write without a person */
  readonly area?: WriteArea
  /**
   * Files and folders that calls of models and of untrusted callers
   * may not touch (`closed`) or may not change (`fixed`).
   */
  own?(): { readonly closed: readonly string[]; readonly fixed: readonly string[] }
  /**
   * Asks an actor within an effect of a run, also while the engine
   * stops, if it can; absent: parts of calls are not recorded.
   */
  askActor?(to: ActorRef, body: Json, run: string): Promise<Json>
  /** Records that this work needs its own turns. */
  neverFast?(work: StepWork): void
  /**
   * The code that a goal has now, and what has changed since it began; undefined: there is no such goal. `remedy`: how
   * it goes on with the change, empty if not at all. Absent: steps wait for the code that they were planned with.
   */
  codeOfGoal?(goal: string): Promise<CodeOfGoal | undefined>
  /** which steps share a turn; absent: `fast` */
  readonly batches?: BatchPolicy
  /** a monotonic clock in ms, for the durations of steps; absent: that of the process */
  elapsed?(): number
}

/** The code of a goal: its tools with the hashes of their parameters, and which calls wait for a person. */
export type CodeOfGoal = {
  readonly bound: { readonly [tool: string]: string }
  readonly approve: ApprovalPolicy
  readonly changes?: readonly string[]
  readonly remedy: string
}

/** A pipeline that a step runs as a child, as data. */
export type ChildPipelineText = Pick<LocatedPipelineText, 'text' | 'file' | 'includes'> & {
  readonly given: readonly string[]
  /** the base folder of all paths */
  readonly root: string
}

/** The data of another run of the same owner that a step may read. */
export type RunRecord = {
  readonly execution_id: string
  readonly name: string
  readonly status: string
  readonly outputs: { readonly [name: string]: Json }
  readonly steps: { readonly [id: string]: { readonly id: string; readonly status: string; readonly value: Json } }
}

type RunListing = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly startedAt: number
  readonly finishedAt?: number
}

/** A call, and its name in the queue of a pool if that differs from its key: the key of its effect. */
export type QueuedCall = EffectCall & {
  readonly place?: string
  /** ms that it has waited for a place in a pool */
  readonly queue?: { ms: number }
  /** a person said that the call, or a part of it, did not take place when it was made before */
  readonly notDone?: true
}

/** Everything that one attempt of a step uses. */
export type StepContext = {
  readonly services: PipelineServices
  readonly pipeline: CompiledPipeline
  readonly step: CompiledStep
  readonly instance: StepInstance
  readonly start: StepStart
  readonly scope: TemplateScope
  /** for a loop: the scope of its conditions after this many iterations */
  turnScope(turning: number): TemplateScope
  /** the paths that its tools may use: the configured folders, and the paths that the caller of its run opened */
  readonly roots: readonly string[]
  /** fingerprint of the included files and their content; absent: there are none */
  readonly filesDigest?: string
  readonly call: QueuedCall
  /** for whom it makes its call */
  readonly callFor: CallFor
  /** the name of its call among the calls of its step, about which a person may decide */
  readonly callName: string
  /** the actor whose turn makes it; for steps that run in sequence in one turn, the actor of the first one */
  readonly self: ActorRef
  /** why its models were chosen, by their ids */
  readonly reasons: ModelReasons
  emit(delta: Json): void
  /** failed model calls with usage */
  readonly spent: ModelUse[]
  /** the time that its attempts share, if a goal limits it */
  readonly time?: CallTime | undefined
  /** the notes of its tool about the result */
  readonly notes: ResultNote[]
}

/** A step's value. With `problem` the step failed, and the value is the partial result. */
export type ValueResult = Omit<StepValue, 'status' | 'duration' | 'error' | 'reason'> & {
  readonly type: 'result'
  readonly problem?: Problem
  /** the optional dependencies that it needs */
  readonly depends?: readonly string[]
  readonly models?: readonly ModelUse[]
  /** what work below it, such as a goal, has left out; its step is then degraded */
  readonly lacks?: readonly string[]
  /** remarks about the result for readers of the run */
  readonly warnings?: readonly string[]
}

/** The result of an attempt: a value, the list of a loop, a callback request, or the outputs of the run. */
export type StepResult =
  | ValueResult
  | { readonly type: 'loop'; readonly reply: LoopPlan }
  | { readonly type: 'ask'; readonly asking: string; readonly question: CallbackRequest; readonly parameters: ValueRef }
  | { readonly type: 'outputs'; readonly outputs: Json; readonly warnings: readonly string[] }
