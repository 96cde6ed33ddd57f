import { isWithinSize } from '../../kernel/limits.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import { type StepRead, stepPartName, toStepRead } from '../../step/record/outcome.ts'
import type { StepToStart } from '../graph/draft.ts'
import { sequenceFrom } from '../plan/batching.ts'
import { type CompiledPipeline, compiledStepAt } from '../plan/compiled.ts'
import type { StepInstance } from '../plan/instance.ts'
import { instanceId, instanceOf, loopPartName, loopsAround, readingInstance, resolveRead } from '../plan/instance.ts'
import type { PipelineOrder } from '../plan/messages/step-order.ts'
import type { PartsByName } from '../plan/part-reader.ts'

/** The number of values in a start message, and their characters of JSON. Beyond, the step reads the run's parts. */
export const INLINE_READ_LIMITS = { count: 64, size: 128 * 1024 } as const

/** The parts of the run that its start messages are made of. A name can occur more than once. */
export function startReadSet(pipeline: CompiledPipeline, starts: readonly StepToStart[]): readonly string[] {
  const names: string[] = []
  for (const start of starts) addStartParts(names, pipeline, start)
  return names
}

function addStartParts(names: string[], pipeline: CompiledPipeline, start: StepToStart): void {
  names.push('start')
  // all members of a batch are in the same loops
  for (const loop of loopsVisibleTo(instanceOf(pipeline, start.id), start)) {
    const id = instanceId(loop)
    names.push(stepPartName(id), loopPartName(id))
  }
  addReadParts(names, pipeline, start)
  for (const id of start.members ?? NO_MEMBERS) addReadParts(names, pipeline, { id })
}

const NO_MEMBERS: readonly string[] = []

function addReadParts(names: string[], pipeline: CompiledPipeline, start: StepToStart): void {
  const instance = instanceOf(pipeline, start.id)
  const reads = readNamesOf(pipeline, instance, start)
  if (reads.length > INLINE_READ_LIMITS.count) return
  const reader = readingInstance(instance, start.iteration)
  for (const read of reads) {
    const name = partNameOfRead(reader, read)
    if (name !== undefined) names.push(name)
  }
}

/** The loops whose state a step receives: those around it, and itself when it decides whether to iterate again. */
export function loopsVisibleTo(instance: StepInstance, { iteration }: StepToStart): readonly StepInstance[] {
  return iteration === undefined ? loopsAround(instance) : [instance, ...loopsAround(instance)]
}

/** The names that a step reads. An exclusive step gets all reads from outside the sequence, for its followers. */
function readNamesOf(pipeline: CompiledPipeline, first: StepInstance, { exclusive }: StepToStart): readonly string[] {
  return exclusive ? readNamesOfSequence(pipeline, first) : compiledStepAt(pipeline, first.node).edges.reads
}

const sequenceReads = new WeakMap<CompiledPipeline, Map<string, readonly string[]>>()

function readNamesOfSequence(pipeline: CompiledPipeline, first: StepInstance): readonly string[] {
  const known = sequenceReads.get(pipeline) ?? new Map<string, readonly string[]>()
  sequenceReads.set(pipeline, known)
  const reads = known.get(first.node) ?? externalReads(pipeline, first)
  known.set(first.node, reads)
  return reads
}

function externalReads(pipeline: CompiledPipeline, first: StepInstance): readonly string[] {
  const sequence = sequenceFrom(pipeline, first).map(({ node }) => node)
  const reads = new Set(sequence.flatMap((node) => compiledStepAt(pipeline, node).edges.reads))
  for (const node of sequence) reads.delete(node)
  return [...reads]
}

/** The part that holds the step a read names, if there is one. */
export function partNameOfRead(reader: StepInstance, read: string): string | undefined {
  const found = resolveRead(reader, read)
  return found && stepPartName(instanceId(found))
}

/** The values that a step reads, by name. `parts` if they are too large for one message. */
export function inlineReads(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: StepToStart,
  parts: PartsByName,
): PipelineOrder['reads'] {
  const reads = readNamesOf(pipeline, instance, start)
  if (reads.length > INLINE_READ_LIMITS.count) return 'parts'
  const reader = readingInstance(instance, start.iteration)
  const found: { [read: string]: StepRead } = {}
  for (const read of reads) {
    const name = partNameOfRead(reader, read)
    const part = name === undefined ? undefined : decodeStep(parts[name])
    if (part) found[read] = toStepRead(part)
  }
  return isWithinSize(found, INLINE_READ_LIMITS.size) ? found : 'parts'
}
