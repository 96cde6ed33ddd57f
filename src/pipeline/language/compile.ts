/**
 * The compiler: from the text of a pipeline to a checked graph, with findings for its author. `source/` reads YAML
 * and includes, `schema/` has the tables of keys, `parse/` reads fields, `actions/` resolves tools, `auto/` replaces
 * AUTO tags, `link/` joins steps to a graph, and `check/` looks at the whole. It is pure: readers of files are
 * arguments.
 */

import type { ModelNeeds } from '../../model/choose/model-facts.ts'
import type { Finding } from '../../run/finding.ts'
import type { ExecutionStrategy } from '../../run/run.ts'
import { OUTPUTS_STEP } from '../../step/record/outcome.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { CompiledPipeline, CompiledStep, CostLimits } from '../plan/compiled.ts'
import { isInBody } from '../plan/instance.ts'
import { isStrategyName } from '../plan/strategy.ts'
import { keepWrittenTexts } from './actions/written-texts.ts'
import { liftTags } from './auto/lift-tags.ts'
import { checkAgents, type ListAgentNames } from './check/agents.ts'
import { checkAmbiguousIds } from './check/ambiguous-ids.ts'
import type { ChildCache, ChildPipelines } from './check/child-pipelines.ts'
import { checkChildPipelines, compileOnce, createChildCache } from './check/child-pipelines.ts'
import { checkModels, checkPaths, checkStrategy, type FindModel, type JudgePath } from './check/environment.ts'
import { hasErrors, type ReportFinding, toStrictFinding, untilFindingLimit } from './diagnostics/finding.ts'
import { topologicalLevels } from './link/control-flow.ts'
import { hyphenatedNames } from './link/names/mentions.ts'
import { compileSteps } from './link/steps.ts'
import { addUndeclaredInputs } from './parse/inputs/declared-inputs.ts'
import type { PipelineSpec } from './parse/pipeline-spec.ts'
import { readPipelineSpec } from './parse/read-pipeline.ts'
import type { ReadInclude } from './source/expand.ts'
import { includeFiles } from './source/include.ts'
import { type LocatedDocument, readYaml } from './source/read-yaml.ts'
import type { FindPipeline } from './source/resolve.ts'

/** The context of a compilation: the name of the file in findings, the tools, and optional checks. */
export type CompileContext = {
  readonly file: string
  readonly toolbox: Toolbox
  /** resolves a pipeline's name for a model; absent: names are not checked */
  readonly findModel?: FindModel
  /** lists the agents of the project; absent: names of agents are not checked */
  readonly agentNames?: ListAgentNames
  /** names of inputs that the run gets: they need no declaration */
  readonly given?: readonly string[]
  /** reads included files; absent: there are none */
  readonly read?: ReadInclude
  /** finds child pipelines; absent: they are not checked */
  readonly findPipeline?: FindPipeline
  /** finds paths that no tool may use; absent: paths are not checked */
  readonly judgePath?: JudgePath
  /** an unknown key is an error */
  readonly strict?: boolean
  /** overrides the strategy of the pipeline */
  readonly strategy?: ExecutionStrategy | undefined
  /** the names of those of the program; absent: nobody knows them here */
  readonly strategies?: readonly string[]
}

/** The result: all findings, and the pipeline unless one of them is an error. */
export type Compilation = { readonly pipeline?: CompiledPipeline; readonly findings: readonly Finding[] }

/** Compiles the text of a pipeline. Pure: the same text and tools always give the same pipeline and hash. */
export function compileText(text: string, context: CompileContext): Compilation {
  return compileWith(text, context, createChildCache())
}

function compileWith(text: string, context: CompileContext, below: ChildCache): Compilation {
  const source = readYaml(text, context.file)
  const pipeline = untilFindingLimit(() => compileSource(includeFiles(source, context.read), text, context, below))
  const findings = context.strict ? source.findings.map(toStrictFinding) : source.findings
  return pipeline && !hasErrors(findings) ? { pipeline, findings } : { findings }
}

function compileSource(
  source: LocatedDocument,
  text: string,
  { toolbox, findModel, agentNames, findPipeline, judgePath, read, given = [], strategy, strategies }: CompileContext,
  below: ChildCache,
): CompiledPipeline | undefined {
  const { report } = source
  const written = hasErrors(source.findings) ? undefined : readPipelineSpec(source)
  const steps = written && keepWrittenTexts(written.steps, toolbox, source)
  const spec = written && { ...written, steps: steps!, ...(strategy && { strategy }) }
  for (const name of new Set(spec && [written.strategy, spec.strategy])) checkStrategy(name, strategies, report)
  if (spec && findModel) checkModels(spec, findModel, report)
  if (spec && agentNames) checkAgents(spec, agentNames, toolbox, report)
  if (spec && judgePath) checkPaths(spec, toolbox, judgePath, report)
  if (spec && findPipeline)
    checkChildPipelines(spec, given, toolbox, childPipelinesFor(findPipeline, read, toolbox, below), report)
  return spec && compile(liftTags(addUndeclaredInputs(spec, given, text), toolbox, report), toolbox, report)
}

/** Compiles child pipelines as their steps will do. */
function childPipelinesFor(
  find: FindPipeline,
  read: ReadInclude | undefined,
  toolbox: Toolbox,
  below: ChildCache,
): ChildPipelines {
  const compileChild: ChildPipelines['compile'] = ({ text, file, find: findPipeline, read: own }, given) => {
    const context = { file, toolbox, given, findPipeline, ...(own && { read: own }) }
    const { findings, pipeline } = compileWith(text, context, below)
    return { findings, ...(pipeline && { inputs: pipeline.inputs }) }
  }
  return { find, read, spend: below.spend, compile: compileOnce(compileChild, below) }
}

function compile(spec: PipelineSpec, toolbox: Toolbox, report: ReportFinding): CompiledPipeline {
  checkAmbiguousIds(spec, report)
  const steps = withDefaults(compileSteps(spec, toolbox, report), spec)
  const { constants } = spec
  const top = Object.entries(steps).filter(
    ([node, { routing }]) => node !== OUTPUTS_STEP && !isInBody(node) && !routing?.standby,
  )
  return {
    id: spec.id,
    name: spec.name,
    inputs: spec.inputs,
    ...(Object.keys(constants).length > 0 && { constants }),
    names: hyphenatedNames(spec),
    ...(spec.model && { model: spec.model }),
    ...(spec.priority && { priority: spec.priority }),
    ...(Object.values(steps).some((step) => step.policy.priority !== undefined) && { ranked: true as const }),
    ...costLimitsOf([spec.model?.needs, ...Object.values(steps).map(({ model }) => model?.needs)]),
    ...(isStrategyName(spec.strategy) && { strategy: { name: spec.strategy, levels: levelsOf(top) } }),
    roots: top.filter(([, { edges }]) => edges.needs.length === 0).map(([id]) => id),
    size: top.length,
    steps,
    ...(spec.undo && { undo: true as const }),
    ...((spec.undo || Object.values(steps).some(({ recovery }) => recovery?.onFailure === 'undo')) && {
      undoable: true as const,
    }),
  }
}

function levelsOf(top: readonly (readonly [string, CompiledStep])[]): { readonly [node: string]: number } {
  const levels = topologicalLevels(Object.fromEntries(top.map(([node, { edges }]) => [node, edges.needs])))
  return Object.fromEntries(levels.flatMap((nodes, level) => nodes.map((node) => [node, level])))
}

/** The cost limits for models per run, hour and day. The smallest limit of a period wins. */
function costLimitsOf(needs: readonly (ModelNeeds | undefined)[]): Pick<CompiledPipeline, 'costLimits'> {
  const limits = needs.flatMap(({ costLimit, budgetPeriod }: ModelNeeds = {}) =>
    costLimit === undefined || budgetPeriod === undefined ? [] : [[budgetPeriod, costLimit] as const],
  )
  const sorted = limits.toSorted(([, one], [, other]) => other - one)
  return sorted.length === 0 ? {} : { costLimits: Object.fromEntries(sorted) as CostLimits }
}

type Steps = { readonly [node: string]: CompiledStep }

/** The steps, with the timeout of the pipeline if they set none. */
function withDefaults(steps: Steps, { timeout }: PipelineSpec): Steps {
  if (timeout === undefined) return steps
  return Object.fromEntries(Object.entries(steps).map(([node, step]) => [node, withTimeout(step, timeout)]))
}

function withTimeout(step: CompiledStep, timeout: number): CompiledStep {
  const { work, policy } = step
  return 'parameters' in work && policy.timeout === undefined ? { ...step, policy: { ...policy, timeout } } : step
}
