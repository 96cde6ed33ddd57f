import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/schema.ts'
import { type CompiledPipeline, type CompiledStep, compiledStepAt, OUTPUTS_NODE, type StepWork } from './compiled.ts'
import type { Inputs } from './inputs.ts'

/** An earlier run whose results another takes over where nothing changed, and the nodes that are done anew all the same. */
export type ReuseSource = {
  readonly run: string
  readonly anew: readonly string[]
  /** those of them that were asked for by name: what runs below them is done anew, too */
  readonly named?: readonly string[]
  /** what only looks at the world outside is done anew in runs below, too */
  readonly looks?: true
  /** the model that is now the default one: what another one answered because nobody was named is done anew; absent: it stays */
  readonly model?: string
}

const invalidatedSets = new WeakMap<ReuseSource, ReadonlySet<string>>()

/** Whether a node is done anew; the list is looked through once, for every step of the run asks. */
export function isInvalidated(recorded: ReuseSource, node: string): boolean {
  const known = invalidatedSets.get(recorded) ?? new Set(recorded.anew)
  invalidatedSets.set(recorded, known)
  return known.has(node)
}

/** What a run's results rest on, beside the world outside. */
export type RunDefinition = { readonly pipeline: CompiledPipeline; readonly inputs: Inputs }

/** The nodes whose own text differs, or that name an input or a constant which does: what that makes of those behind them is found as they run. */
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

/** The nodes that are not the same in both pipelines, or only in one. */
export function differingNodes(before: CompiledPipeline, after: CompiledPipeline): readonly string[] {
  return differing(meaningsIn(before), meaningsIn(after))
}

/** A node, and where it is a loop its body: what it does is done there. */
export function nodeWithBody({ steps }: CompiledPipeline, node: string): readonly string[] {
  return Object.keys(steps).filter((each) => each === node || each.startsWith(`${node}.`))
}

/** A node and all that come after it, with the loops around them and the bodies of those that come after. */
export function nodesFrom(pipeline: CompiledPipeline, node: string): readonly string[] {
  const found = closure([node], (next) => [...compiledStepAt(pipeline, next).dependents, ...loopsOf(next).slice(-1)])
  const isAfter = (loop: string) => found.has(loop) && !node.startsWith(`${loop}.`)
  return Object.keys(pipeline.steps).filter((each) => found.has(each) || loopsOf(each).some(isAfter))
}

/** All steps of the graph that come before a node, directly or not. */
export function nodesBefore(pipeline: CompiledPipeline, node: string): ReadonlySet<string> {
  const needs = (next: string) => compiledStepAt(pipeline, next).needs
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

/** The steps that only look at the world outside, which may be another by now, and those with runs below, whose files and steps lie there, too. */
export function externalReadNodes(pipeline: CompiledPipeline): readonly string[] {
  const isLooking = (node: string) => {
    const { work, effect } = compiledStepAt(pipeline, node)
    return (work.type === 'tool' && effect === 'pure') || waitsForPipeline(work)
  }
  return Object.keys(pipeline.steps).filter(isLooking)
}

/** Whether a step waits for a pipeline below: one that it does not wait for may be at work still. */
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

/** What a step comes to depends on these; who waits for it, and how often it is tried, does not matter. */
function meaningsIn({ steps, model }: CompiledPipeline): Named {
  const meaning = ({ work, condition, autos, turnings, modelNeeds, reads, artifact }: CompiledStep) =>
    work.type === 'tool' && !autos && !turnings
      ? { work, condition, reads, artifact }
      : { work, condition, autos, turnings, modelNeeds, reads, artifact, model }
  return Object.fromEntries(Object.entries(steps).map(([node, step]) => [node, meaning(step)]))
}

/** Whether a text may mean the name, if only as one of all inputs: too often is no harm. */
function mention(texts: readonly string[], name: string): boolean {
  const one = name.replace(/\W/g, '\\$&')
  const word = new RegExp(`(?<![\\w-])${one}(?![\\w-])|(?<!\\w)(?:inputs|parameters)(?!\\w|\\.[a-zA-Z_])`)
  return texts.some((text) => word.test(text))
}

/** Whether a step gives all inputs to a pipeline whose text does not stand there: it may name any of them. */
function passesAllInputs(pipeline: CompiledPipeline, node: string): boolean {
  const { work } = compiledStepAt(pipeline, node)
  return namesPipeline(work) && pipelineParameters(work).inherit_context !== false
}

function namesPipeline(work: StepWork): boolean {
  const { pipeline } = pipelineParameters(work)
  return typeof pipeline === 'string' && !pipeline.includes('\n')
}

/** What a step says of the pipeline that it runs, as it is written. */
function pipelineParameters(work: StepWork): { readonly [parameter: string]: unknown } {
  return work.type === 'ask' && work.tool === 'pipeline-executor' ? { ...work.parameters, ...work.opaque } : {}
}

/** The texts of a step, and of the outputs where it reads those. */
function textsOf(pipeline: CompiledPipeline, node: string): readonly string[] {
  const { work, condition = '', autos = [], turnings = {}, artifact } = compiledStepAt(pipeline, node)
  const asked = [...autos, ...Object.values(turnings).flatMap((turning) => turning.autos)].map((tag) => tag.instruction)
  const texts = textsIn({ ...work, condition, asked, location: artifact?.location ?? '' } as unknown as Json)
  const outputs = pipeline.steps[OUTPUTS_NODE]
  const readsOutputs = node !== OUTPUTS_NODE && outputs !== undefined && texts.some((text) => /\boutputs\b/.test(text))
  return readsOutputs ? [...texts, ...textsOf(pipeline, OUTPUTS_NODE)] : texts
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((item) => (item === undefined ? [] : textsIn(item)))
}
