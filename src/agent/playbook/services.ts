import type { Json } from '../../kernel/json.ts'
import type { CallableModels } from '../../model/pool/generate-in-pool.ts'
import type { CompiledPipeline } from '../../pipeline/plan/compiled.ts'
import type { Inputs } from '../../pipeline/plan/inputs.ts'
import type { Pools } from '../../worker/pools.ts'
import type { AgentDefinition } from '../definition/definition.ts'

/** Everything that playbooks need from outside. */
export type PlaybookServices = {
  readonly models: CallableModels
  readonly pools: Pick<Pools, 'find'>
  readDefinition(hash: string): Promise<AgentDefinition>
  /** The message that starts the run of a playbook, with inputs from the text of a goal, or why there is none. */
  preparePlaybook(pipeline: string, goal: string): Promise<PlaybookStart>
  /** How the run of a playbook ended; with its `pipeline`, also which of its steps are in doubt. */
  describePlaybookEnd(run: string, pipeline?: string): Promise<PlaybookEnd>
}

/** The message that starts the run of a playbook; `lacks`: why the playbook cannot be used for this goal. */
export type PlaybookStart = { readonly start: { readonly [field: string]: Json } } | { readonly lacks: string }

/** The message that starts a pipeline with inputs, or the reason why it cannot start with them. */
export type StartOf = (pipeline: CompiledPipeline, inputs: Inputs) => Promise<PlaybookStart>

/**
 * The end of a playbook's run: its outputs as text if it has any (and as data if they are short), what
 * was done, and whether a person rejected a call. `doubtful`: steps that were interrupted, and
 * are never made twice.
 */
export type PlaybookEnd = {
  readonly answer?: string
  readonly outputs?: Json
  readonly done: string
  readonly isRejected: boolean
  readonly doubtful?: readonly string[]
}
