import type { Json } from '../kernel/schema.ts'
import type { CallableModels } from '../model/pool/generate-in-pool.ts'
import type { ApprovalPolicy } from '../tool/tool-request.ts'
import type { Toolbox } from '../tool/toolbox.ts'
import type { Pools } from '../worker/pools.ts'
import type { AgentDefinition } from './definition/definition.ts'
import type { CallStatus } from './goal/state.ts'

/** Everything that goals need from outside. */
export type AgentServices = {
  readonly models: CallableModels
  readonly pools: Pick<Pools, 'find'>
  readonly toolbox: Toolbox
  /** which calls wait for a person, where the definition does not say it */
  readonly approve: ApprovalPolicy
  /** The definition that was stored under a hash. */
  readDefinition(hash: string): Promise<AgentDefinition>
  /** How the calls of a run ended. */
  readOutcomes(run: string): Promise<RunOutcomes>
  /** The result of a step, as JSON or as the text that it is. */
  readResult(run: string, step: string): Promise<string>
  /** The message that starts the run of a playbook with inputs from the text of a goal, or the reason why there is none. */
  preparePlaybook(pipeline: string, goal: string): Promise<PlaybookStart>
  /** The outputs of a playbook's run as text, or what failed and what was done before. */
  describePlaybookEnd(run: string): Promise<string>
  readonly isOffline: IsOffline
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

/** How a call ended: its whole result as JSON or text, or the reason why there is none. */
export type CallOutcome = { readonly status: CallStatus; readonly text: string }

/** The message that starts the run of a playbook; `lacks`: why the playbook cannot be used for this goal. */
export type PlaybookStart = { readonly start: { readonly [field: string]: Json } } | { readonly lacks: string }

/** Whether a model works offline: it selects from texts and cannot choose tools. */
export type IsOffline = (model: string | undefined) => boolean
