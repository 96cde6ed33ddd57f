import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/schema.ts'
import { OUTPUTS_STEP } from '../../step/record/outcome.ts'
import { type CompiledPipeline, type CompiledStep, compiledStepAt, type StepWork } from './compiled.ts'
import type { Inputs } from './inputs.ts'

/** An earlier run whose results are reused where nothing changed, and the nodes that run again anyway. */
export type ReuseSource = {
  readonly run: string
  readonly invalidated: readonly string[]
  /** nodes among them that were requested by name: their child runs run again too */
  readonly requested?: readonly string[]
  /** steps that read the outside world run again in child runs too */
  readonly rereads?: true
  /** the current default model: steps that another default model answered run again; absent: they are reused */
  readonly model?: string
}

const invalidatedSets = new WeakMap<ReuseSource, ReadonlySet<string>>()

/** Whether a node runs again. The set is built once, since every step of the run asks. */
export function isInvalidated(recorded: ReuseSource, node: string): boolean {
  const known = invalidatedSets.get(recorded) ?? new Set(recorded.invalidated)
  invalidatedSets.set(recorded, known)
  return known.has(node)
}

/** The pipeline and inputs of a run, which determine its results apart from the outside world. */
export type RunDefinition = { readonly pipeline: CompiledPipeline; readonly inputs: Inputs }

/** The nodes whose text changed, or that mention a changed input or constant. Later nodes show effects as they run. */
export function changedNodes(before: RunDefinition, after: RunDefinition): readonly string[] {
  const changed = differing(namesOf(before), namesOf(after))
  const isGivenOther = differing(before.inputs, after.inputs).length > 0
  const nodes = new Set(differingNodes(before.pipeline, after.pipeline))
  const isChanged = (node: string) => {
    const texts = textsOf(after.pipeline, node)
    return (
      nodes.has(node) ||
      changed.some((name) => mention(texts, name)) ||
      (isGivenOther && passesAllInputs(after.pipeline, node))
    )
  }
  return Object.keys(after.pipeline.steps).filter(isChanged)
}

/** The nodes that differ between the pipelines or exist in only one. */
export function differingNodes(before: CompiledPipeline, after: CompiledPipeline): readonly string[] {
  return differing(meaningsIn(before), meaningsIn(after))
}

/** A node and, if it is a loop, its body. */
export function nodeWithBody({ steps }: CompiledPipeline, node: string): readonly string[] {
  return Object.keys(steps).filter((each) => each === node || each.startsWith(`${node}.`))
}

/** A node and all nodes after it, with the loops around them and the bodies of later loops. */
export function nodesFrom(pipeline: CompiledPipeline, node: string): readonly string[] {
  const found = closure([node], (next) => [
    ...compiledStepAt(pipeline, next).edges.dependents,
    ...loopsOf(next).slice(-1),
  ])
  const isAfter = (loop: string) => found.has(loop) && !node.startsWith(`${loop}.`)
  return Object.keys(pipeline.steps).filter((each) => found.has(each) || loopsOf(each).some(isAfter))
}

/** All steps of the graph that come before a node, directly or not. */
export function nodesBefore(pipeline: CompiledPipeline, node: string): ReadonlySet<string> {
  const needs = (next: string) => compiledStepAt(pipeline, next).edges.needs
  return closure(needs(loopsOf(node)[0] ?? node), needs)
}

function closure(from: readonly string[], next: (node: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [...from]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue
    found.add(node)
    open.push(...next(node))
  }
  return found
}

/** The loops around a node, the outermost first. */
function loopsOf(node: string): readonly string[] {
  const names = node.split('.')
  return names.slice(1).map((_, depth) => names.slice(0, depth + 1).join('.'))
}

/** The steps that only read the outside world, which may have changed, and the steps with child runs. */
export function externalReadNodes(pipeline: CompiledPipeline): readonly string[] {
  const isLooking = (node: string) => {
    const { work, policy } = compiledStepAt(pipeline, node)
    return (work.type === 'tool' && policy.effect === 'pure') || waitsForPipeline(work)
  }
  return Object.keys(pipeline.steps).filter(isLooking)
}

/** Whether a step waits for a child pipeline. One it does not wait for may still be running. */
function waitsForPipeline(work: StepWork): boolean {
  const { pipeline, wait_for_completion: waits = true } = pipelineParameters(work)
  return pipeline !== undefined && waits === true
}

type Named = { readonly [name: string]: unknown }

function differing(before: Named, after: Named): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]))
}

const namesOf = ({ pipeline, inputs }: RunDefinition): Named => ({ ...pipeline.constants, ...inputs })

/** The fields that determine the result of a step. Dependents and retries do not. */
function meaningsIn({ steps, model }: CompiledPipeline): Named {
  const meaning = ({ work, edges: { reads }, model: own, routing, artifact }: CompiledStep) => {
    const { condition, dynamicRoutes } = routing ?? {}
    const { patience: _, cache: __, cacheTags: ___, promptCache: ____, ...meant } = own ?? {}
    return work.type === 'tool' && !meant.autoTags && !dynamicRoutes
      ? { work, condition, reads, artifact }
      : { work, condition, dynamicRoutes, meant, reads, artifact, model }
  }
  return Object.fromEntries(Object.entries(steps).map(([node, step]) => [node, meaning(step)]))
}

/** Whether a text may mention the name, also through the map of all inputs. False positives are harmless. */
function mention(texts: readonly string[], name: string): boolean {
  const one = name.replace(/\W/g, '\\$&')
  const word = new RegExp(`(?<![\\w-])${one}(?![\\w-])|(?<!\\w)(?:inputs|parameters)(?!\\w|\\.[a-zA-Z_])`)
  return texts.some((text) => word.test(text))
}

/** Whether a step passes all inputs to a pipeline in another file, which may mention any of them. */
function passesAllInputs(pipeline: CompiledPipeline, node: string): boolean {
  const { work } = compiledStepAt(pipeline, node)
  return namesPipeline(work) && pipelineParameters(work).inherit_context !== false
}

function namesPipeline(work: StepWork): boolean {
  const { pipeline } = pipelineParameters(work)
  return typeof pipeline === 'string' && !pipeline.includes('\n')
}

/** The authored parameters of a step that runs a child pipeline. */
function pipelineParameters(work: StepWork): { readonly [parameter: string]: unknown } {
  return work.type === 'ask' && work.tool === 'pipeline-executor' ? { ...work.parameters, ...work.opaque } : {}
}

/** The texts of a step, and of the outputs if it reads them. */
function textsOf(pipeline: CompiledPipeline, node: string): readonly string[] {
  const { work, model, routing, artifact } = compiledStepAt(pipeline, node)
  const { condition = '', dynamicRoutes = {} } = routing ?? {}
  const asked = [
    ...(model?.autoTags ?? []),
    ...Object.values(dynamicRoutes).flatMap((turning) => turning.autoTags),
  ].map((tag) => tag.instruction)
  const texts = textsIn({ ...work, condition, asked, location: artifact?.location ?? '' })
  const outputs = pipeline.steps[OUTPUTS_STEP]
  const readsOutputs = node !== OUTPUTS_STEP && outputs !== undefined && texts.some((text) => /\boutputs\b/.test(text))
  return readsOutputs ? [...texts, ...textsOf(pipeline, OUTPUTS_STEP)] : texts
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((item) => (item === undefined ? [] : textsIn(item)))
}
