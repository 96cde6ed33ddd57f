/**
 * The compiled pipeline, which the compiler writes and runs read. It is plain data and is stored by its hash: a
 * change of a type here is a change of the stored format.
 */

import type { Json } from '../../kernel/schema.ts'
import type { Priority } from '../../lib/priority.ts'
import type { BudgetPeriod } from '../../model/choose/model-facts.ts'
import type { ModelPreference, ModelTerms, WorkPolicy } from '../../step/policy.ts'
import type { ArtifactSpec } from '../../step/record/artifact.ts'
import type { LoopShape, StepParameters } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import type { LookUpByTool } from '../../tool/once/call-finding.ts'
import type { AutoTag } from './auto-tag.ts'
import type { InputSpec } from './inputs.ts'
import type { StepRouting } from './routing.ts'

/** A pipeline as it runs: a graph of plain data, pinned by the hash of its JSON. */
export type CompiledPipeline = {
  readonly id: string
  readonly name: string
  readonly inputs: { readonly [name: string]: InputSpec }
  /** maps that templates can read by name */
  readonly constants?: { readonly [name: string]: Json }
  /** names with hyphens that templates must not read as subtractions */
  readonly names: readonly string[]
  /** the model of steps that name none */
  readonly model?: ModelPreference
  /** limits on the total cost of model calls, in dollars */
  readonly costLimits?: CostLimits
  /** the steps without dependencies */
  readonly roots: readonly string[]
  /** how many steps the graph has, bodies of loops not counted */
  readonly size: number
  /** by node: a step's id, in a loop's body `<loop's node>.<id>`; `outputs` is the last one, if there are any */
  readonly steps: { readonly [node: string]: CompiledStep }
  /** of its runs, unless their caller says otherwise; absent: normal */
  readonly priority?: Priority
  /** some of its steps have a priority of their own */
  readonly ranked?: true
  /** a strategy of a program decides which ready steps begin; `levels`: those of the steps of the graph */
  readonly strategy?: { readonly name: string; readonly levels: { readonly [node: string]: number } }
  /** finished steps are undone when a run of it fails */
  readonly undo?: true
  /** finished steps may be undone, so tools store the data for that */
  readonly undoable?: true
}

/** Maximum dollars for all model calls: of one run, or of all runs of an owner in an hour or a day. */
export type CostLimits = { readonly [period in BudgetPeriod]?: number }

/** A step as it runs. Groups that would be empty are absent. */
export type CompiledStep = {
  readonly id: string
  readonly work: StepWork
  readonly edges: StepEdges
  readonly policy: WorkPolicy
  readonly model?: StepModels
  readonly recovery?: RecoveryPlan
  /** how another tool says whether its call took place */
  readonly lookUp?: LookUpByTool
  readonly routing?: StepRouting
  /** the file it makes */
  readonly artifact?: ArtifactSpec
}

/** The place of a step in the graph. */
type StepEdges = {
  /** nodes of its scope that must end before it starts; `dependents`: the nodes that wait for it */
  readonly needs: readonly string[]
  readonly dependents: readonly string[]
  /** needs the step waits for only if the node `by` names them */
  readonly maybe?: { readonly by: string; readonly of: readonly string[] }
  /** nodes whose values its templates read; a leading `<` means the previous iteration */
  readonly reads: readonly string[]
}

/** How a step of a pipeline uses models. */
export type StepModels = ModelTerms & {
  /** questions that are answered before the step runs */
  readonly autoTags?: readonly AutoTag[]
  /** templates of the tags by which stored replies can be dropped */
  readonly cacheTags?: readonly string[]
}

/** The course after the last attempt of a step failed. Without it the run fails. */
export type RecoveryPlan = {
  /** fallbacks and handlers, tried in turn */
  readonly recoveries?: readonly Recovery[]
  /** when they do not help either: the run continues, or fails and undoes its finished steps; absent: it fails */
  readonly onFailure?: 'continue' | 'undo'
}

/** The failures that a handler applies to. Empty lists match all. */
export type RecoveryFilter = {
  readonly types: readonly string[]
  readonly patterns: readonly string[]
  readonly codes: readonly (string | number)[]
  /** false, or a condition that is */
  readonly enabled: boolean | string
}

/** A fallback or handler, tried when the last attempt of a step failed. */
export type Recovery = {
  /** its name in reports */
  readonly by: string
  /** fallback: its result replaces that of the step · handler: the step stays failed, and the failure is handled */
  readonly type: 'fallback' | 'handler'
  /** a standby step, another model for the same step, or an action; without any, nothing runs */
  readonly node?: string
  readonly model?: string
  readonly action?: CompiledStep
  /** the template of a handler's action: the note when the action returns no text */
  readonly says?: string
  readonly when: RecoveryFilter
  /** how often the step is retried after it */
  readonly rounds: number
  /** the step fails even so */
  readonly propagates?: true
  /** its own failure is ignored */
  readonly goesOn?: true
  /** the result of the step in that case */
  readonly value?: { readonly authored: Json }
  readonly context?: true
  readonly level?: string
  /** ms */
  readonly timeout?: number
}

/** The kind of model call: free text, JSON of a schema, extraction or analysis of a text. */
export type TextAction = 'generate' | 'structured' | 'extract' | 'analyze'

export type StepWork =
  | ToolWork
  | { readonly type: 'text'; readonly action: TextAction; readonly parameters: StepParameters }
  | { readonly type: 'decide'; readonly condition: string }
  | { readonly type: 'chain'; readonly parameters: StepParameters }
  | CallbackWork
  | LoopWork
  | SyntheticWork
  | { readonly type: 'outputs'; readonly values: StepParameters }

export type ToolWork = {
  readonly type: 'tool'
  readonly tool: string
  readonly operation?: string
  readonly parameters: StepParameters
  /** its tool is code of a program: the hash of the schema of its parameters */
  readonly code?: string
}

/** Work of steps that the compiler adds: asks a model for defaults of inputs, or for dependencies of another step. */
export type SyntheticWork =
  | { readonly type: 'inputs'; readonly names: readonly string[]; readonly parameters: StepParameters }
  | { readonly type: 'depends'; readonly of: readonly string[]; readonly parameters: StepParameters }

/** Work that an actor or a person does. `opaque` holds parameters that are never rendered. */
export type CallbackWork = {
  readonly type: 'ask'
  readonly tool: string
  readonly parameters: StepParameters
  readonly opaque?: StepParameters
  /** a model step with `tools:`: an agent of its own, which has these, does what the model would do */
  readonly model?: { readonly action: TextAction; readonly tools: readonly string[] }
  /** the parameter that names files for a model */
  readonly files?: string
}

/** A loop over a list, or one that repeats while conditions hold. */
export type LoopWork = ListLoop | WhileLoop

type ListLoop = Loop & {
  readonly kind: 'list'
  /** a template, a list literal, or a text that is read as a list */
  readonly list: Json
}

type WhileLoop = Loop & {
  readonly kind: 'while'
  readonly turns: RepeatConditions
}

type Loop = {
  readonly type: 'loop'
  readonly shape: LoopShape
  /** nodes, in the author's order */
  readonly body: readonly string[]
  readonly roots: readonly string[]
  /** iterations in flight at once, or a template that yields how many */
  readonly maxParallel: number | string
  readonly variable: string
  readonly name: string
  /** a step that fails ends its own iteration only */
  readonly isolated?: true
  /** timeout of one iteration in ms */
  readonly limit?: number
}

export type RepeatConditions = {
  readonly while?: LoopCondition
  readonly until?: LoopCondition
  /** maximum number of iterations, or a template that yields it */
  readonly most: Json
  /** the conditions are evaluated after an iteration, before it is counted */
  readonly after?: true
}
/** A condition. `first`: it can be evaluated before the first iteration. */
export type LoopCondition = { readonly text: string; readonly first?: true }

/** The node of the step that asks a model for the defaults of inputs. */
export const INPUTS_NODE = 'inputs'

/** The step of a node. A missing node is a bug of the caller. */
export function compiledStepAt(pipeline: CompiledPipeline, node: string): CompiledStep {
  const step = pipeline.steps[node]
  if (!step) throw new TypeError(`pipeline ${pipeline.name} has no step ${node}`)
  return step
}

/** A step that runs whether its condition holds or not. */
export function withoutCondition(step: CompiledStep): CompiledStep {
  const { condition: _, ...routing } = step.routing ?? {}
  return { ...step, routing }
}

/** The parameter that names files for a model; undefined when the work passes none. */
export function filesParameterOf(work: StepWork): string | undefined {
  if (work.type === 'ask') return work.files
  return work.type === 'text' && work.parameters.files !== undefined ? 'files' : undefined
}

/** The loop at a node. Throws when the node is not a loop. */
export function loopWorkAt(pipeline: CompiledPipeline, node: string): LoopWork {
  const { work } = compiledStepAt(pipeline, node)
  if (work.type !== 'loop') throw new TypeError(`step ${node} is not a loop`)
  return work
}

/** Reads a compiled pipeline by its hash. Its shape is trusted: only the compiler stores pipelines. */
export async function openPipeline(values: Pick<ValueStore, 'get'>, hash: string): Promise<CompiledPipeline> {
  return (await values.get(hash)) as CompiledPipeline
}
