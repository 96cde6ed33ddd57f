import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import type { ActorRef, EffectCall } from '../../kernel/types.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { Models } from '../../model/models.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { CallPayer } from '../../model/request/request.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'
import type { ToolServices } from '../../tool/services.ts'
import type { CallFor, CallingRun, PaidCall, ResultNote, RoomsForTools } from '../../tool/tool.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { WriteArea } from '../../tool/writes/area.ts'
import type { ApprovalNeed } from '../../work/approval/policy.ts'
import type { OrderGoal } from '../../work/origin/goal-origin.ts'
import type { PoolPatience } from '../../work/provider-wait.ts'
import type { Rules } from '../../work/rules/house-rules.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { ProgressMessage } from '../messages/progress.ts'
import type { LoopPlan } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import type { ModelPreference, ModelTerms, WorkPolicy } from '../policy.ts'
import type { Artifact } from '../record/artifact.ts'
import type { ModelUse } from '../record/model-use.ts'
import type { StepValue } from '../record/outcome.ts'
import type { ValueRef, ValueStore } from '../values.ts'
import type { CallTime } from './call-time.ts'

/** Bytes by their SHA-256 in hex. */
export interface PinStore {
  put(content: Uint8Array): Promise<string>
  get(hash: string): Promise<Uint8Array>
}

/** The name of the handler of requests that code of a program makes. */
export const PROGRAM_CODE = 'code'

/** The services that steps use. */
export type StepServices = {
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
  /** the rules of the house around calls of tools; absent: there are none */
  readonly rules?: Rules
  /** absent: calls do not wait for their provider */
  readonly patience?: PoolPatience
  /** absent: there are no secrets, and nothing is redacted */
  readonly secrets?: ToolSecrets
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
  /** charges calls of tools to budgets; absent: they cost nothing */
  pay?<Made>(payer: CallPayer, call: PaidCall<Made>): Promise<Made>
  /** the base folder of relative paths, and the folders that tools may use */
  readonly root: string
  readonly roots: readonly string[]
  /** of these folders those that untrusted runs may use, too, and tools for them that reach the whole machine */
  readonly open?: { readonly roots: readonly string[]; readonly tools: readonly string[] }
  /** where calls that a model chose may write without a person */
  readonly area?: WriteArea
  /** Files and folders that calls of models and untrusted callers may not touch (`closed`) or not change (`fixed`). */
  own?(): { readonly closed: readonly string[]; readonly fixed: readonly string[] }
  /** Asks an actor within an effect of a run, if it can also while the engine stops; absent: parts are not recorded. */
  askActor?(to: ActorRef, body: Json, run: string): Promise<Json>
  /** Records that work of this kind needs its own turns. */
  neverFast?(kind: string): void
  /**
   * The code that a goal has now, and what has changed since it began; undefined: there is no such goal. `remedy`: how
   * it goes on with the change, empty if not at all. Absent: steps wait for the code that they were planned with.
   */
  codeOfGoal?(goal: string): Promise<CodeOfGoal | undefined>
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
  readonly services: StepServices
  readonly start: StepStart
  /** the name of the pipeline or workflow of its run */
  readonly definition: string
  /** its own name in errors */
  readonly name: string
  /** it calls a tool or code: its result is not made again by itself */
  readonly acts: boolean
  /** its kind of work, for estimates of its time */
  readonly kind: string
  readonly policy: WorkPolicy
  readonly models: ModelTerms
  /** the models of its run, if the step names none */
  readonly preferred?: ModelPreference | undefined
  /** Writes the file that it makes of its value; absent: it makes none. */
  saveFile?(value: StepValue): Promise<Artifact | undefined>
  /** the tags by which stored replies can be dropped, rendered when they are used */
  cacheTags?(): readonly Json[]
  /** why its order makes a person approve its call first; absent: it does not */
  readonly need?: ApprovalNeed | undefined
  /** The files that it gives a model, as they were at its first attempt; absent: none. */
  modelFiles?(): Promise<readonly FileRef[]>
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
  readonly notes: ResultNote[]
}

/** Why models were chosen, and what they lack. */
export type ModelReasons = { readonly [model: string]: { readonly why: string; readonly lacks?: readonly string[] } }

/** A step's value. With `problem` the step failed, and the value is the partial result. */
export type ValueResult = Omit<StepValue, 'status' | 'duration' | 'error' | 'reason'> & {
  readonly type: 'result'
  readonly problem?: Problem
  /** for a loop: the list that it went through */
  readonly list?: ValueRef
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
