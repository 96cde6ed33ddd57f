import type { Json } from '../../kernel/schema.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { CompiledPipeline } from '../../pipeline/plan/compiled.ts'
import type { Inputs } from '../../pipeline/plan/inputs.ts'
import type { RehearsedCall } from '../../pipeline/report/rehearse.ts'
import type { Pools } from '../../worker/pools.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { CompletedGoal } from './learn/completed-goal.ts'
import type { PlaybookDocument } from './learn/document.ts'
import type { FormInputs } from './learn/form.ts'
import type { LearnedPlaybook, UsablePart } from './learned.ts'

/** Everything that playbooks need from outside. */
export type PlaybookServices = {
  readonly models: CallableModels
  readonly pools: Pick<Pools, 'find'>
  /** The definition that was stored under a hash. */
  readDefinition(hash: string): Promise<AgentDefinition>
  /**
   * The message that starts the run of a playbook with inputs from the text of a goal, or the reason why there is none.
   */
  preparePlaybook(pipeline: string, goal: string): Promise<PlaybookStart>
  describePlaybookEnd(run: string): Promise<PlaybookEnd>
  readonly learning: LearningServices
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

/** The message that starts the run of a playbook; `lacks`: why the playbook cannot be used for this goal. */
export type PlaybookStart = { readonly start: { readonly [field: string]: Json } } | { readonly lacks: string }

/** The message that starts a pipeline with inputs, or the reason why it cannot start with them. */
export type StartOf = (pipeline: CompiledPipeline, inputs: Inputs) => Promise<PlaybookStart>

/**
 * The end of a playbook's run: its outputs as text if it has any (and as data if they are short), what
 * was done, whether that was all, and whether a person rejected a call.
 */
export type PlaybookEnd = {
  readonly answer?: string
  readonly outputs?: Json
  readonly done: string
  readonly isWhole: boolean
  readonly isRejected: boolean
}
