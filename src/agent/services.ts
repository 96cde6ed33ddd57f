import type { Json } from '../kernel/schema.ts'
import type { CallableModels } from '../model/pool/generate-in-pool.ts'
import type { OrderGoal } from '../tool/agents/goal-origin.ts'
import type { ApprovalPolicy } from '../tool/tool-request.ts'
import type { Toolbox } from '../tool/toolbox.ts'
import type { Pools } from '../worker/pools.ts'
import type { PerceivedEnvironment } from './context/perceive.ts'
import type { AgentDefinition } from './definition/definition.ts'
import type { CallOutput, Round } from './goal/state.ts'
import type { AgentMemory } from './memory/agent-memory.ts'
import type { CompletedGoal } from './playbook/learn/completed-goal.ts'
import type { PlaybookDocument } from './playbook/learn/document.ts'
import type { FormInputs } from './playbook/learn/form.ts'
import type { LearnedPlaybook, UsablePart } from './playbook/learned.ts'

/** Everything that goals need from outside. */
export type AgentServices = {
  readonly models: CallableModels
  readonly pools: Pick<Pools, 'find'>
  readonly toolbox: Toolbox
  /** Connects to MCP servers that nobody has connected to yet, so that the toolbox has their tools. */
  connectServers(names: readonly string[], signal: AbortSignal): Promise<void>
  /** which calls wait for a person, where the definition does not say it */
  readonly approve: ApprovalPolicy
  readonly memory: AgentMemory
  /** The state of an environment of an owner; version 0 when there is none. */
  readEnvironment(name: string, owner: string | undefined): Promise<Omit<PerceivedEnvironment, 'name'>>
  /** Why new goals wait at present: the process is degraded. Empty: they need not wait. */
  whyDegraded(): Promise<string>
  /** The definition that was stored under a hash. */
  readDefinition(hash: string): Promise<AgentDefinition>
  /** A round of another goal; undefined: it is gone. */
  readRound(goal: string, round: number): Promise<Round | undefined>
  /** How the calls of a run ended. */
  readOutcomes(run: string): Promise<RunOutcomes>
  /** All of the result of a step, as JSON or as the text that it is. */
  readResult(run: string, step: string): Promise<string>
  /** The message that starts the run of a playbook with inputs from the text of a goal, or the reason why there is none. */
  preparePlaybook(pipeline: string, goal: string): Promise<PlaybookStart>
  describePlaybookEnd(run: string): Promise<PlaybookEnd>
  readonly learning: LearningServices
  /** Makes the first message of a goal for another agent. */
  readonly orderGoal: OrderGoal
  readonly isOffline: IsOffline
  /** ms that a call of a pool waits for its provider, and the clock (ms since the epoch) by which it does */
  readonly patience: { of(pool: string): number; now(): number }
  /** tokens that a model can read; undefined: unknown */
  contextOf(model: string | undefined): number | undefined
  /** Removes secrets from a text. */
  redact?(text: string): string
}

/** How the calls of a run ended, by their steps. */
export type RunOutcomes = {
  readonly calls: { readonly [step: string]: CallOutcome }
  /** ms that the run waited for a person */
  readonly waited: number
}

/** How a call ended: its bounded result, or the reason why there is none. `edited`: the parameters that a person gave it. */
export type CallOutcome = {
  readonly result: CallOutput
  readonly edited?: { readonly [name: string]: Json }
}

/** The message that starts the run of a playbook; `lacks`: why the playbook cannot be used for this goal. */
export type PlaybookStart = { readonly start: { readonly [field: string]: Json } } | { readonly lacks: string }

/** The end of a playbook's run: its outputs as text if it has any, what was done, whether that was all, and whether a person rejected a call. */
export type PlaybookEnd = {
  readonly answer?: string
  readonly done: string
  readonly isWhole: boolean
  readonly isRejected: boolean
}

/** Everything that learning and learned playbooks need. */
export type LearningServices = {
  /** A completed goal with its calls and their whole results; `lacks`: why nothing can be learned from it. */
  readCompleted(
    goal: string,
  ): Promise<{ readonly goal: CompletedGoal; readonly definition: AgentDefinition } | { readonly lacks: string }>
  /** The calls that a playbook makes when its steps have these results, by step. Makes none of them. */
  rehearse(
    playbook: PlaybookDocument,
    given: PlaybookInputs & { readonly results: { readonly [step: string]: Json } },
  ): Promise<{ readonly calls: { readonly [step: string]: RehearsedCall } } | { readonly lacks: string }>
  /** The message that starts the run of a playbook, or the reason why a goal of this definition cannot use it. */
  prepare(playbook: PlaybookDocument, given: PlaybookInputs): Promise<PlaybookStart>
  /** The playbooks that goals may follow. */
  readUsable(agent: string, owner: string | undefined): Promise<readonly (UsablePart & { readonly id: string })[]>
  /** How many playbooks of the other agents of an owner wait for a person. */
  countProposals(owner: string, exceptOf: string): Promise<number>
  readPlaybook(id: string, owner: string | undefined): Promise<LearnedPlaybook | undefined>
}

type PlaybookInputs = { readonly inputs: FormInputs; readonly definition: AgentDefinition }

/** A call of a rehearsal. */
export type RehearsedCall = { readonly tool: string; readonly parameters: Json }

/** Whether a model works offline: it selects from texts and cannot choose tools. */
type IsOffline = (model: string | undefined) => boolean
