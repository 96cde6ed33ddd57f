import type { CallEnd } from '../../calls/outcomes.ts'
import type { Problem } from '../../errors.ts'
import type { ActorRef, EffectCall } from '../../kernel/types.ts'
import type { FileRef, ShownRef } from '../../lib/media/file-ref.ts'
import type { CompiledForm } from '../../model/prompt/prompt-form.ts'
import type { FileReaders, FileVerdicts, ModelRequest } from '../../model/request/request.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { OrderGoal, ThreadParent } from '../../work/origin/goal-origin.ts'
import type { Payer } from '../../work/payer.ts'
import type { PoolPatience } from '../../work/provider-wait.ts'
import type { CodeChange } from '../context/changed-code.ts'
import type { History } from '../context/history.ts'
import type { PerceivedEnvironment } from '../context/perceive.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { CodeOutput } from '../definition/output-schema.ts'
import type { AgentMemory } from '../memory/agent-memory.ts'
import type { PlaybookServices } from '../playbook/services.ts'
import type { CallOutput, Readings, Round } from '../protocol/rounds.ts'

/** The work for which files are read: its owner, and its name as files know it, such as `thread/NAME`. */
export type FileUse = { readonly owner: string | undefined; readonly use: string }

/** The files of the owners of goals. */
export type GoalFiles = {
  /** The owner's files among these ids, each once. The work uses them from now on. Unknown ones are left out. */
  find(ids: readonly string[], of: FileUse): Promise<readonly FileRef[]>
  /** The file of an id, or the newest file of the work with a name, to be shown past the refusals of servers so far. */
  toShow(wanted: string, of: FileUse): Promise<ShownRef | undefined>
  /** The verdicts of servers about the files of an owner. */
  verdicts(owner: string | undefined): FileVerdicts
  /** Stores a file that the work uses. The content decides its type. */
  add(data: Uint8Array, name: string, of: FileUse): Promise<FileRef>
  /** The bytes of a file. An error of code `file_not_found` if the owner does not have it. */
  read(file: FileRef, owner: string | undefined): Promise<Uint8Array>
  /** A picture within bounds; undefined: it cannot be made smaller here. */
  smallPicture(
    file: FileRef,
    bounds: Parameters<NonNullable<FileReaders['smallPicture']>>[1],
    owner: string | undefined,
  ): ReturnType<NonNullable<FileReaders['smallPicture']>>
  /**
   * How a file becomes text for a goal with these models (undefined: the default one). `read`: by a reader, or by a
   * model that transcribes; `lacks`: not at all, and why; undefined: each model gets it itself.
   */
  wayOf(file: FileRef, models: readonly (string | undefined)[]): 'read' | { readonly lacks: string } | undefined
  /** Reads what files say, and stores it: hashes in the value store. */
  readings(files: readonly FileRef[], of: FileUse, paid: PaidReading): Promise<Readings>
  /** The text of a stored reading. */
  textOf(hash: string): Promise<string>
}

/** The payer where a model reads a file, and the call of the effect in which it does. */
export type PaidReading = { readonly payer: Payer; readonly self: ActorRef; readonly call: EffectCall }

/** Everything that goals need from outside. */
export type AgentServices = PlaybookServices & {
  readonly toolbox: Toolbox
  /** The output of an agent of the program that opened the runtime; undefined: there is none. */
  outputOf(agent: string): CodeOutput | undefined
  /** Looks whether this process has the code that a definition names. */
  lookAtCode(definition: AgentDefinition, ofStep: boolean): Promise<CodeLook>
  /** Connects to MCP servers that nobody has connected to yet, so that the toolbox has their tools. */
  connectServers(names: readonly string[], signal: AbortSignal): Promise<void>
  /** which calls wait for a person, where the definition does not say it */
  readonly approve: ApprovalPolicy
  readonly memory: AgentMemory
  readonly files: GoalFiles
  /** The state of an environment of an owner; version 0 when there is none. */
  readEnvironment(name: string, owner: string | undefined): Promise<Omit<PerceivedEnvironment, 'name'>>
  /** Why new goals wait at present: the process is degraded. Empty: they need not wait. */
  whyDegraded(): Promise<string>
  /** A round of another goal; undefined: it is gone. */
  readRound(goal: string, round: number): Promise<Round | undefined>
  /** The messages of a conversation before one of them. `spoken`: as people read them, without calls. */
  readHistory(before: ThreadParent, form: 'whole' | 'spoken'): Promise<History>
  readOutcomes(run: string): Promise<RunOutcomes>
  /** Whether nothing in a run continues by itself: everything in it waits for people, money or code. */
  isResting(run: string): Promise<boolean>
  /** All of the result of a step, as JSON or as the text that it is. */
  readResult(run: string, step: string): Promise<string>
  /** Makes the first message of a goal for another agent. */
  readonly orderGoal: OrderGoal
  readonly isOffline: IsOffline
  readonly patience: PoolPatience
  /** tokens that a model can read; undefined: unknown */
  contextOf(model: string | undefined): number | undefined
  /** The form of the prompts of a model; absent: no model has one of its own. */
  formOf?(request: Pick<ModelRequest, 'model' | 'form'>): Promise<Pick<CompiledForm, 'render'> | undefined>
  /** Whether the volatile events of a topic have a follower. */
  isFollowed(topic: string): boolean
  /** The texts of the rounds that models write, as far as followers have read them, by goal. */
  readonly drafts: Map<string, string>
  /** Tells the user of this process that a goal waits for other settings; absent: nobody reads it. */
  noteWait?(goal: string, problem: Problem): void
  /** Removes secrets from a text. */
  redact?(text: string): string
}

/**
 * Whether a process has the code of a goal. `lack`: why not, in a sentence; empty: it has. `change`: how its code
 * differs, the hash of the definition with the new code, and whether a person is asked.
 */
export type CodeLook = {
  readonly lack: string
  readonly change?: Omit<CodeChange, 'next'> & { readonly definition: string; readonly denied?: readonly string[] }
}

/** How the calls of a run ended, by their steps. */
export type RunOutcomes = {
  readonly calls: { readonly [step: string]: CallOutcome }
  /** ms that the run waited for a person */
  readonly waited: number
}

/** How a call ended: its bounded result, or why there is none. `edited`: the parameters that a person gave it. */
export type CallOutcome = Pick<CallEnd, 'fileIds' | 'edited' | 'said' | 'isCutOff' | 'open'> & {
  readonly result: CallOutput
}

/** Whether a model works offline: it selects from texts and cannot choose tools. */
type IsOffline = (model: string | undefined) => boolean
