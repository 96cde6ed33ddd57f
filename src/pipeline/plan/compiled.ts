import type { Json } from '../../kernel/schema.ts'
import type { EffectClass } from '../../kernel/types.ts'
import type { CacheSetting } from '../../model/catalogue/model-config.ts'
import type { BudgetPeriod, ModelNeeds } from '../../model/choose/model-facts.ts'
import type { ArtifactSpec } from './artifact.ts'
import type { AutoTag } from './auto-tag.ts'
import type { InputSpec } from './inputs.ts'

/** A pipeline as it runs: a graph of plain data, pinned by the hash of its JSON. */
export type CompiledPipeline = {
  readonly v: 1
  readonly id: string
  readonly name: string
  readonly inputs: { readonly [name: string]: InputSpec }
  /** maps that templates read under their names */
  readonly constants?: { readonly [name: string]: Json }
  /** names with hyphens that templates must not read as subtractions */
  readonly names: readonly string[]
  /** which model answers where a step does not say */
  readonly model?: ModelPreference
  /** what models may cost in all, where it says so: in dollars */
  readonly costLimits?: CostLimits
  /** the steps that wait for nothing */
  readonly roots: readonly string[]
  /** how many steps the graph has, bodies of loops not counted */
  readonly size: number
  /** by node: a step's id, in a loop's body `<loop's node>.<id>`; `outputs` is the last one, if there are any */
  readonly steps: { readonly [node: string]: CompiledStep }
  /** finished steps are undone when a run of it fails */
  readonly undo?: true
  /** that may happen, for the failure of any step or of some: so what tools find is kept */
  readonly undoable?: true
}

/** Dollars for all calls of models together: in one run, or on a day or in an hour of all runs of an owner. */
export type CostLimits = { readonly [period in BudgetPeriod]?: number }

/** Models by name, in the order they are tried, or by what they must be. */
export type ModelPreference = { readonly names?: readonly string[]; readonly needs?: ModelNeeds }

export type CompiledStep = {
  readonly id: string
  readonly work: StepWork
  readonly condition?: string
  /** what it asks a model before it acts */
  readonly autos?: readonly AutoTag[]
  /** what the model that does it must be */
  readonly modelNeeds?: ModelNeeds
  /** whether replies of models are kept, or taken that are kept */
  readonly cache?: CacheSetting
  /** templates: what those can be dropped by */
  readonly cacheTags?: readonly string[]
  /** nodes of its own scope that must end before it starts, and those that wait for it */
  readonly needs: readonly string[]
  readonly dependents: readonly string[]
  /** of its needs those that it waits for only if the node that tells names them */
  readonly maybe?: { readonly by: string; readonly of: readonly string[] }
  /** nodes whose values its templates name; with `<` in front: what they came to in the iteration before */
  readonly reads: readonly string[]
  readonly onFailure: 'fail' | 'continue'
  /** where it goes on instead of with what waits for it, by how it ended */
  readonly routes?: { readonly [end in RouteKey]?: StepRoute }
  /** by how it ended: what it asks a model then, to tell which of these routes it is */
  readonly turnings?: { readonly [end in RouteOutcome]?: DynamicRoute }
  /** it waits for the steps that may lead to it, and runs only when one of them does */
  readonly onDemand?: true
  /** the steps whose failure may lead to it */
  readonly failures?: readonly string[]
  /** a route may pass over it */
  readonly skippable?: true
  /** not in the graph: done only in place of a step that failed, or to handle that */
  readonly standby?: true
  /** what is tried in turn when it failed for good */
  readonly rescues?: readonly Recovery[]
  readonly effect: EffectClass
  /** attempts in all */
  readonly attempts: number
  /** whether the author asked for retries, so that a failure a tool only reports is tried again too */
  readonly insists: boolean
  /** how long it pauses between attempts, where its author said so */
  readonly backoff?: Backoff
  /** its failure undoes what the run did */
  readonly undo?: true
  /** ms */
  readonly timeout?: number
  /** the file it makes */
  readonly artifact?: ArtifactSpec
}

/** How a step may end that has somewhere to go then. */
export type RouteOutcome = 'success' | 'failure' | 'false'

/** One of several ways on is named by how the step ended and the step it leads to. */
export type RouteKey = RouteOutcome | 'unreached' | `${RouteOutcome}:${string}`

/** A template that tells the step to go on with, and what that asks; `to`: the steps it may be. */
export type DynamicRoute = { readonly text: string; readonly autos: readonly AutoTag[]; readonly to: readonly string[] }

/** A way past other steps: none of `over` runs, `to` may. */
export type StepRoute = { readonly to?: string; readonly over: readonly string[] }

/** Pauses between attempts: ms before the second one, times `factor` for each further one, at most `most`, spread where `jitter`. */
export type Backoff = {
  readonly first: number
  readonly factor: number
  readonly most: number
  readonly jitter: boolean
}

/** Which failures something is for; empty lists: all. */
export type RecoveryFilter = {
  readonly types: readonly string[]
  readonly patterns: readonly string[]
  readonly codes: readonly (string | number)[]
  /** false, or a condition that is */
  readonly enabled: boolean | string
}

/** What is tried when a step failed for good. */
export type Recovery = {
  /** what it is called where it is told */
  readonly by: string
  /** fallback: what comes of it is the step's result · handler: the step has failed, and that is dealt with */
  readonly type: 'fallback' | 'handler'
  /** a step on standby, the same step with another model, or an action of its own; none: nothing is done */
  readonly node?: string
  readonly model?: string
  readonly action?: CompiledStep
  /** the words of a handler's action, a template: what is noted where that answers with no text */
  readonly says?: string
  readonly when: RecoveryFilter
  /** how often the step is tried anew after it */
  readonly rounds: number
  /** the step has failed all the same */
  readonly propagates?: true
  /** that it failed itself changes nothing */
  readonly goesOn?: true
  /** the step's result then */
  readonly value?: { readonly authored: Json }
  readonly context?: true
  readonly level?: string
  /** ms */
  readonly timeout?: number
}

export type StepParameters = { readonly [name: string]: Json }

/** What a model is asked for: a text, JSON of a schema, or what it makes of a text. */
export type TextAction = 'generate' | 'structured' | 'extract' | 'analyze'

/** What a step does. */
export type StepWork =
  | { readonly type: 'tool'; readonly tool: string; readonly operation?: string; readonly parameters: StepParameters }
  | { readonly type: 'text'; readonly action: TextAction; readonly parameters: StepParameters }
  | { readonly type: 'decide'; readonly condition: string }
  | { readonly type: 'chain'; readonly parameters: StepParameters }
  | CallbackWork
  | LoopWork
  | SyntheticWork
  | { readonly type: 'outputs'; readonly values: StepParameters }

/** What steps do that no author wrote: they tell the defaults of inputs that were not given, or which of these steps another waits for. */
export type SyntheticWork =
  | { readonly type: 'inputs'; readonly names: readonly string[]; readonly parameters: StepParameters }
  | { readonly type: 'depends'; readonly of: readonly string[]; readonly parameters: StepParameters }

/** What somebody else does; `opaque` holds the texts that are never rendered. */
export type CallbackWork = {
  readonly type: 'ask'
  readonly tool: string
  readonly parameters: StepParameters
  readonly opaque?: StepParameters
  /** the parameter that names files for a model */
  readonly files?: string
}

/** `foreach` repeats one step; `queue` does actions in order for each item. */
export type LoopKind = 'for_each' | 'foreach' | 'while' | 'action_loop' | 'queue'

export type LoopWork = {
  readonly type: 'loop'
  readonly kind: LoopKind
  /** a template, a list literal, or text that stands for one */
  readonly list?: Json
  /** how often it turns, where it goes over nothing */
  readonly turns?: RepeatConditions
  /** nodes, in the author's order */
  readonly body: readonly string[]
  readonly roots: readonly string[]
  /** iterations in flight at once, or a template that yields how many */
  readonly maxParallel: number | string
  readonly variable: string
  readonly name: string
  /** a step that fails ends its own iteration only */
  readonly isolated?: true
  /** ms that the steps of an iteration may take together */
  readonly limit?: number
}

export type RepeatConditions = {
  readonly while?: LoopCondition
  readonly until?: LoopCondition
  /** how often at most: a number, or a template that yields one */
  readonly most: Json
  /** it is asked only after a turn, and before it is counted */
  readonly after?: true
}
/** A condition; `first`: it can be told before the first turn. */
export type LoopCondition = { readonly text: string; readonly first?: true }

/** The node of the step that tells the defaults of inputs which a model is to tell. */
export const INPUTS_NODE = 'inputs'

/** The node of the step that renders the outputs. */
export const OUTPUTS_NODE = 'outputs'

/** The step of a node; a node that is not there is a bug in what asked for it. */
export function compiledStepAt(pipeline: CompiledPipeline, node: string): CompiledStep {
  const step = pipeline.steps[node]
  if (!step) throw new TypeError(`pipeline ${pipeline.name} has no step ${node}`)
  return step
}

/** The parameter that names files which the work gives a model; undefined: it gives it none. */
export function filesParameterOf(work: StepWork): string | undefined {
  if (work.type === 'ask') return work.files
  return work.type === 'text' && work.parameters.files !== undefined ? 'files' : undefined
}

/** The loop a node is; throws when it is none. */
export function loopWorkAt(pipeline: CompiledPipeline, node: string): LoopWork {
  const { work } = compiledStepAt(pipeline, node)
  if (work.type !== 'loop') throw new TypeError(`step ${node} is no loop`)
  return work
}
