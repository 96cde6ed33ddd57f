import { NotFoundError } from '../../../errors.ts'
import type { ReadParts } from '../../../kernel/parts.ts'
import type { Json } from '../../../kernel/schema.ts'
import { type RunStore, refOf, valueOfStep, withHandled, withoutResult } from '../../../step/call/step-value.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import { type StepRead, type StepValue, toStepRead } from '../../../step/record/outcome.ts'
import { readRef, type ValueRef } from '../../../step/values.ts'
import { type CompiledPipeline, compiledStepAt } from '../../plan/compiled.ts'
import type { Inputs } from '../../plan/inputs.ts'
import type { StepInstance } from '../../plan/instance.ts'
import { instanceId, isLoop, PREVIOUS_ITERATION, readingInstance, resolveRead } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import type { MemoryHold } from './memory-gate.ts'

/** The values that a step reads: inputs, step results by name, and the lists of enclosing loops by node. */
export type LoadedValues = {
  readonly inputs: Inputs
  readonly reads: Reads
  readonly lists: LoopLists
}
type Reads = { readonly [read: string]: StepValue }
type LoopLists = ReadonlyMap<string, readonly Json[]>

/** Loads what a step reads. Synchronous when all of it came with the start message. */
export function loadValues(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: PipelineStepStart,
  store: RunStore,
  hold?: MemoryHold,
): LoadedValues | Promise<LoadedValues> {
  const { reads } = start.work.order
  const inputs = start.work.order.inputs as { readonly inline?: Inputs }
  const lists = listsIn(start)
  const values = reads === 'parts' ? undefined : valuesIn(compiledStepAt(pipeline, instance.node).edges.reads, reads)
  if (!inputs.inline || !lists || !values) return loadLater(pipeline, instance, start, store, hold)
  return { inputs: inputs.inline, reads: values, lists }
}

/** Undefined: some lists are stored elsewhere. */
function listsIn({ work }: PipelineStepStart): LoopLists | undefined {
  const { loop } = work.order
  if (!loop) return NO_LISTS
  const lists = new Map<string, readonly Json[]>()
  for (const [node, { list }] of Object.entries(loop.views)) {
    if (!list) continue
    if ('blob' in list) return undefined
    lists.set(node, list.inline as readonly Json[])
  }
  return lists
}

/** Undefined: some values are stored elsewhere. */
function valuesIn(nodes: readonly string[], reads: { readonly [node: string]: StepRead }): Reads | undefined {
  const values: { [read: string]: StepValue } = {}
  // by number: iterating over a frozen list allocates an object per item
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at]!
    const read = reads[node]
    if (!read) continue
    const ref = refOf(read)
    const value = ref ? inlineOf(ref) : withoutResult(read)
    if (!value) return undefined
    values[node] = withHandled(read, value)
  }
  return values
}

/** Undefined: the value, or one it references, is stored elsewhere. */
function inlineOf(ref: ValueRef): StepValue | undefined {
  const value = 'inline' in ref ? (ref.inline as StepValue) : undefined
  return value?.named ? undefined : value
}

const NO_LISTS: LoopLists = new Map()

async function loadLater(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: PipelineStepStart,
  store: RunStore,
  hold: MemoryHold | undefined,
): Promise<LoadedValues> {
  const found = await loadReads(pipeline, instance, start, store)
  const views = Object.entries(start.work.order.loop?.views ?? {}).flatMap(([node, { list }]) =>
    list ? [{ node, list }] : [],
  )
  const results = [...found.values()].flatMap((read) => refOf(read) ?? [])
  const loops = [...found].flatMap(([name, read]) => (isLoop(pipeline, loopNode(name)) ? (refOf(read) ?? []) : []))
  await hold?.enter([start.work.order.inputs, ...results, ...views.map(({ list }) => list)], loops)
  const reads: { [read: string]: StepValue } = {}
  for (const [name, read] of found) reads[name] = await valueOfStep(read, store.values)
  const lists = new Map<string, readonly Json[]>()
  for (const { node, list } of views) lists.set(node, (await readRef(store.values, list)) as readonly Json[])
  return { inputs: (await readRef(store.values, start.work.order.inputs)) as Inputs, reads, lists }
}

const loopNode = (read: string) => (read.startsWith(PREVIOUS_ITERATION) ? read.slice(PREVIOUS_ITERATION.length) : read)

/** The stored ends of the steps that a step reads, by the names it uses. */
async function loadReads(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: PipelineStepStart,
  { readParts }: RunStore,
): Promise<ReadonlyMap<string, StepRead>> {
  const found = new Map<string, StepRead>()
  const { reads: names, maybe } = compiledStepAt(pipeline, instance.node).edges
  for (const name of names) {
    const of = resolveRead(readingInstance(instance, start.work.order.loop?.iteration), name)
    // an optional dependency may not have begun
    const readOne = maybe?.of.includes(name) ? findRead : requireRead
    const stored =
      start.work.order.reads === 'parts' && of ? await readOne(start.run.id, instanceId(of), readParts) : undefined
    const read = start.work.order.reads === 'parts' ? stored : start.work.order.reads[name]
    if (read) found.set(name, read)
  }
  return found
}

async function requireRead(run: string, id: string, readParts: ReadParts): Promise<StepRead> {
  const read = await findRead(run, id, readParts)
  if (!read) throw new NotFoundError(`Run ${run} has no part of step ${id}.`)
  return read
}

/** A step as its readers see it. Undefined if the run or the step has not started. */
export async function findRead(run: string, id: string, readParts: ReadParts): Promise<StepRead | undefined> {
  const part = await readStepPart(readParts, run, id)
  return part && toStepRead(part)
}
