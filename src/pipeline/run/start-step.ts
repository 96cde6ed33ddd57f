import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Send } from '../../kernel/types.ts'
import type { StepToStart } from '../graph/draft.ts'
import { segmentFrom, toStepRead } from '../plan/batching.ts'
import { decodeRead, decodeStep } from '../plan/codec.ts'
import {
  type CompiledPipeline,
  type CompiledStep,
  compiledStepAt,
  filesParameterOf,
  loopWorkAt,
} from '../plan/compiled.ts'
import {
  instanceId,
  loopAround,
  loopPartName,
  loopsAround,
  parseInstance,
  readingInstance,
  resolveRead,
  type StepInstance,
  stepPartName,
} from '../plan/instance.ts'
import type { RunProvenance } from '../plan/messages/run-start.ts'
import type { BatchMember, LoopView, StepRead, StepStart } from '../plan/messages/step-start.ts'
import { type PartsByName, stepRef } from '../plan/refs.ts'
import type { LoopProgress, RunState, StartPart } from '../plan/run-state.ts'

/** The number of values that a start message may name, and their characters of JSON in all. Past that the step reads them from the run's parts. */
export const INLINE_READ_LIMITS = { count: 64, size: 128 * 1024 } as const

/** The parts of the run that its start messages are made of. A name can occur more than once. */
export function startReadSet(pipeline: CompiledPipeline, starts: readonly StepToStart[]): readonly string[] {
  const names: string[] = []
  for (const start of starts) addStartParts(names, pipeline, start)
  return names
}

function addStartParts(names: string[], pipeline: CompiledPipeline, start: StepToStart): void {
  names.push('start')
  // those beside it are in the same loops
  for (const loop of loopsVisibleTo(parseInstance(pipeline, start.id)!, start)) {
    const id = instanceId(loop)
    names.push(stepPartName(id), loopPartName(id))
  }
  addReadParts(names, pipeline, start)
  for (const id of start.beside ?? NO_MEMBERS) addReadParts(names, pipeline, { id })
}

const NO_MEMBERS: readonly string[] = []

function addReadParts(names: string[], pipeline: CompiledPipeline, start: StepToStart): void {
  const instance = parseInstance(pipeline, start.id)!
  const reads = readNamesOf(pipeline, instance, start)
  if (reads.length > INLINE_READ_LIMITS.count) return
  const reader = readingInstance(instance, start.turn)
  for (const read of reads) {
    const name = partNameOfRead(reader, read)
    if (name !== undefined) names.push(name)
  }
}

/** The loops whose state a step receives: those around it, and itself when it decides whether to iterate again. */
function loopsVisibleTo(instance: StepInstance, { turn }: StepToStart): readonly StepInstance[] {
  return turn === undefined ? loopsAround(instance) : [instance, ...loopsAround(instance)]
}

/** The names that a step reads. An exclusive step may be followed by others in the same turn, so it gets all reads from outside the sequence. */
function readNamesOf(pipeline: CompiledPipeline, first: StepInstance, { alone }: StepToStart): readonly string[] {
  return alone ? readNamesOfSequence(pipeline, first) : compiledStepAt(pipeline, first.node).reads
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
  const segment = segmentFrom(pipeline, first).map(({ node }) => node)
  const reads = new Set(segment.flatMap((node) => compiledStepAt(pipeline, node).reads))
  for (const node of segment) reads.delete(node)
  return [...reads]
}

/** The part that holds the step a read names, if there is one. */
function partNameOfRead(reader: StepInstance, read: string): string | undefined {
  const found = resolveRead(reader, read)
  return found && stepPartName(instanceId(found))
}

/** The message that starts a step, or a batch of them. `parts` holds the parts that `startReadSet` names. */
export function stepStartMessage(
  pipeline: CompiledPipeline,
  run: RunState,
  start: StepToStart,
  self: ActorRef,
  parts: PartsByName,
): Send {
  const first = stepStartOf(pipeline, run, start, self, parts)
  const body = start.beside ? { ...first, beside: membersOf(pipeline, first, start.beside, parts) } : first
  return { to: stepRef(self.key, start.id), body: body as Json, replyTo: self }
}

/** How the starts of the other members differ from the first. All reads of a batch together have the size limit of a single message. */
function membersOf(
  pipeline: CompiledPipeline,
  first: StepStart,
  others: readonly string[],
  parts: PartsByName,
): readonly BatchMember[] {
  const one = parseInstance(pipeline, first.step)!
  let room: number | undefined
  return others.map((id) => {
    const instance = parseInstance(pipeline, id)!
    if (readsSameParts(pipeline, one, instance)) return memberOf(pipeline, instance, first.reads, first)
    const found = inlineReads(pipeline, instance, { id }, parts)
    room ??= INLINE_READ_LIMITS.size - JSON.stringify(first.reads).length
    const size = JSON.stringify(found).length
    const reads = size > room ? 'parts' : found
    if (reads === found) room -= size
    return { ...memberOf(pipeline, instance, reads, first), reads }
  })
}

/** Whether two steps read the same names, and these stand for the same parts. */
function readsSameParts(pipeline: CompiledPipeline, one: StepInstance, other: StepInstance): boolean {
  const { reads } = compiledStepAt(pipeline, one.node)
  const others = compiledStepAt(pipeline, other.node).reads
  const isSame = (read: string, n: number) =>
    read === others[n] && partNameOfRead(one, read) === partNameOfRead(other, read)
  return reads.length === others.length && reads.every(isSame)
}

function memberOf(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  reads: StepStart['reads'],
  { recorded }: StepStart,
): BatchMember {
  const id = instanceId(instance)
  const step = compiledStepAt(pipeline, instance.node)
  const { attempts, insists } = step
  return {
    step: id,
    attempts,
    ...(insists && { insists: true }),
    effect: effectClassOf(step, reads, recorded !== undefined),
  }
}

/** A start message with references to everything the step reads. */
function stepStartOf(
  pipeline: CompiledPipeline,
  run: RunState,
  start: StepToStart,
  self: ActorRef,
  parts: PartsByName,
): StepStart {
  const instance = parseInstance(pipeline, start.id)!
  const step = compiledStepAt(pipeline, instance.node)
  const origin = parts.start as unknown as StartPart
  const { inputs, granted, untrusted, recorded } = origin
  const reads = inlineReads(pipeline, instance, start, parts)
  const loops = loopReads(instance, start, parts)
  return {
    type: 'start',
    pipeline: run.pipeline,
    run: { id: self.key, startedAt: run.startedAt },
    step: start.id,
    inputs,
    ...(granted && { granted }),
    ...(untrusted && { untrusted }),
    ...(run.owner !== undefined && { owner: run.owner }),
    ...((step.work.type === 'ask' || step.work.type === 'chain') && { provenance: provenanceOf(run, origin) }),
    ...(recorded && { recorded }),
    reads,
    ...(loops && { loops }),
    ...(start.turn !== undefined && { turn: start.turn }),
    ...(start.problem && { problem: start.problem }),
    attempts: step.attempts,
    ...(step.insists && { insists: true }),
    ...timeLeft(pipeline, instance, parts),
    ...((step.autos || filesParameterOf(step.work) !== undefined) && hasTagsToResolve(step, start) && { asks: true }),
    ...(start.alone && { alone: true }),
    ...priorProgress(start),
    ...(pipeline.undoable && { undoable: true }),
    effect: effectClassOf(step, reads, recorded !== undefined),
  }
}

/** How far a deferred member of a batch got. */
function priorProgress({ apart }: StepToStart): Pick<StepStart, 'key' | 'came'> {
  if (!apart) return {}
  const { key, came } = apart
  return { key, ...(came && { came }) }
}

/** Whether AUTO tags are to be resolved. After a loop has opened, only those of its conditions are. */
function hasTagsToResolve({ work }: CompiledStep, { turn }: StepToStart): boolean {
  return turn === undefined || (work.type === 'loop' && work.turns !== undefined)
}

function provenanceOf(
  { owner }: RunState,
  { source, written, untrusted, interactive, above }: StartPart,
): RunProvenance {
  return {
    ...(source !== undefined && { source }),
    ...(written !== undefined && { written }),
    ...(owner !== undefined && { owner }),
    ...(untrusted && { untrusted }),
    ...(interactive && { interactive }),
    ...(above && { above }),
  }
}

/**
 * A pure step that reads the run's parts needs them to be durable first, so it is not pure; reads for collecting a loop are the exception. A run
 * that reuses an earlier one reads parts to compare what a step depends on.
 */
function effectClassOf(
  { effect, autos }: CompiledStep,
  reads: StepStart['reads'],
  takesOver: boolean,
): StepStart['effect'] {
  return effect === 'pure' && (reads === 'parts' || autos || takesOver) ? 'idempotent' : effect
}

/** The values that a step reads, by name. `parts` if they are too large for one message. */
function inlineReads(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: StepToStart,
  parts: PartsByName,
): StepStart['reads'] {
  const reads = readNamesOf(pipeline, instance, start)
  if (reads.length > INLINE_READ_LIMITS.count) return 'parts'
  const reader = readingInstance(instance, start.turn)
  const found: { [read: string]: StepRead } = {}
  for (const read of reads) {
    const name = partNameOfRead(reader, read)
    const kept = name === undefined ? undefined : decodeRead(parts[name])
    if (kept) found[read] = toStepRead(kept)
  }
  return isWithinSize(found, INLINE_READ_LIMITS.size) ? found : 'parts'
}

function loopReads(instance: StepInstance, start: StepToStart, parts: PartsByName): StepStart['loops'] {
  const loops = loopsVisibleTo(instance, start)
  if (loops.length === 0) return undefined
  const told = loops.map((loop): [string, LoopView] => {
    const { list, most } = decodeStep(parts[stepPartName(instanceId(loop))])!
    const { length, ms } = loopStateOf(loop, parts)
    return [loop.node, { ...(list && { list }), ...(most !== undefined && { most }), length, ms }]
  })
  return Object.fromEntries(told)
}

const loopStateOf = (loop: StepInstance, parts: PartsByName) => parts[loopPartName(instanceId(loop))] as LoopProgress

/** The rest of the time limit that the steps of an iteration share. */
function timeLeft(pipeline: CompiledPipeline, instance: StepInstance, parts: PartsByName): Pick<StepStart, 'left'> {
  const loop = loopAround(instance)
  const limit = loop && loopWorkAt(pipeline, loop.node).limit
  if (!loop || limit === undefined) return {}
  const { ms, before } = loopStateOf(loop, parts)
  return { left: Math.max(1, limit - (ms - before)) }
}
