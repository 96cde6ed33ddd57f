import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Send } from '../../kernel/types.ts'
import type { Start } from '../graph/draft.ts'
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

/** How many values a start message names, and how long (in characters of JSON) all of them may be; past that the step reads them itself. */
export const CARRIED = { count: 64, size: 128 * 1024 } as const

/** The parts of its run that the messages starting steps are made of, some of them more than once. */
export function partsToStart(pipeline: CompiledPipeline, starts: readonly Start[]): readonly string[] {
  const names: string[] = []
  for (const start of starts) addParts(names, pipeline, start)
  return names
}

function addParts(names: string[], pipeline: CompiledPipeline, start: Start): void {
  names.push('start')
  // those beside it are in the same loops
  for (const loop of loopsToldTo(parseInstance(pipeline, start.id)!, start)) {
    const id = instanceId(loop)
    names.push(stepPartName(id), loopPartName(id))
  }
  addRead(names, pipeline, start)
  for (const id of start.beside ?? NOBODY) addRead(names, pipeline, { id })
}

const NOBODY: readonly string[] = []

function addRead(names: string[], pipeline: CompiledPipeline, start: Start): void {
  const instance = parseInstance(pipeline, start.id)!
  const reads = readBy(pipeline, instance, start)
  if (reads.length > CARRIED.count) return
  const reader = readingInstance(instance, start.turn)
  for (const read of reads) {
    const name = partRead(reader, read)
    if (name !== undefined) names.push(name)
  }
}

/** The loops that a step is told of: those around it, and it itself when it is asked what now. */
function loopsToldTo(instance: StepInstance, { turn }: Start): readonly StepInstance[] {
  return turn === undefined ? loopsAround(instance) : [instance, ...loopsAround(instance)]
}

/** What a step reads, and when others may follow it in one turn what they read from outside their segment. */
function readBy(pipeline: CompiledPipeline, first: StepInstance, { alone }: Start): readonly string[] {
  return alone ? readBySegment(pipeline, first) : compiledStepAt(pipeline, first.node).reads
}

const segments = new WeakMap<CompiledPipeline, Map<string, readonly string[]>>()

function readBySegment(pipeline: CompiledPipeline, first: StepInstance): readonly string[] {
  const known = segments.get(pipeline) ?? new Map<string, readonly string[]>()
  segments.set(pipeline, known)
  const reads = known.get(first.node) ?? readFromOutside(pipeline, first)
  known.set(first.node, reads)
  return reads
}

function readFromOutside(pipeline: CompiledPipeline, first: StepInstance): readonly string[] {
  const segment = segmentFrom(pipeline, first).map(({ node }) => node)
  const reads = new Set(segment.flatMap((node) => compiledStepAt(pipeline, node).reads))
  for (const node of segment) reads.delete(node)
  return [...reads]
}

/** The part that keeps what a read names, if there is any. */
function partRead(reader: StepInstance, read: string): string | undefined {
  const found = resolveRead(reader, read)
  return found && stepPartName(instanceId(found))
}

/** The message that starts a step, and those it is to be done with; `parts` holds what `partsToStart` names. */
export function startStep(
  pipeline: CompiledPipeline,
  run: RunState,
  start: Start,
  self: ActorRef,
  parts: PartsByName,
): Send {
  const first = startOf(pipeline, run, start, self, parts)
  const body = start.beside ? { ...first, beside: besidesOf(pipeline, first, start.beside, parts) } : first
  return { to: stepRef(self.key, start.id), body: body as Json, replyTo: self }
}

/** How the starts of the others differ; what all of them read may be as long in one message as what one of them reads. */
function besidesOf(
  pipeline: CompiledPipeline,
  first: StepStart,
  others: readonly string[],
  parts: PartsByName,
): readonly BatchMember[] {
  const one = parseInstance(pipeline, first.step)!
  let room: number | undefined
  return others.map((id) => {
    const instance = parseInstance(pipeline, id)!
    if (readSame(pipeline, one, instance)) return besideOf(pipeline, instance, first.reads, first)
    const found = readsOf(pipeline, instance, { id }, parts)
    room ??= CARRIED.size - JSON.stringify(first.reads).length
    const size = JSON.stringify(found).length
    const reads = size > room ? 'parts' : found
    if (reads === found) room -= size
    return { ...besideOf(pipeline, instance, reads, first), reads }
  })
}

/** Whether two steps read the same: the same names, which stand for the same parts. */
function readSame(pipeline: CompiledPipeline, one: StepInstance, other: StepInstance): boolean {
  const { reads } = compiledStepAt(pipeline, one.node)
  const others = compiledStepAt(pipeline, other.node).reads
  const isSame = (read: string, n: number) => read === others[n] && partRead(one, read) === partRead(other, read)
  return reads.length === others.length && reads.every(isSame)
}

function besideOf(
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
    effect: effectOf(step, reads, recorded !== undefined),
  }
}

/** What a step needs to know, with references to all it reads. */
function startOf(
  pipeline: CompiledPipeline,
  run: RunState,
  start: Start,
  self: ActorRef,
  parts: PartsByName,
): StepStart {
  const instance = parseInstance(pipeline, start.id)!
  const step = compiledStepAt(pipeline, instance.node)
  const origin = parts.start as unknown as StartPart
  const { inputs, granted, untrusted, recorded } = origin
  const reads = readsOf(pipeline, instance, start, parts)
  const loops = loopsOf(instance, start, parts)
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
    ...leftOf(pipeline, instance, parts),
    ...((step.autos || filesParameterOf(step.work) !== undefined) && asksNow(step, start) && { asks: true }),
    ...(start.alone && { alone: true }),
    ...goingOn(start),
    ...(pipeline.undoable && { undoable: true }),
    effect: effectOf(step, reads, recorded !== undefined),
  }
}

/** How far a step got beside others. */
function goingOn({ apart }: Start): Pick<StepStart, 'key' | 'came'> {
  if (!apart) return {}
  const { key, came } = apart
  return { key, ...(came && { came }) }
}

/** Of a loop that was opened only its conditions are left to ask about. */
function asksNow({ work }: CompiledStep, { turn }: Start): boolean {
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
 * What is read from the run's parts must be durable first, so such a step is not pure, whatever it does; but for what a loop collects, which is
 * read early. A run that takes over looks there whether what a step follows is as it was.
 */
function effectOf({ effect, autos }: CompiledStep, reads: StepStart['reads'], takesOver: boolean): StepStart['effect'] {
  return effect === 'pure' && (reads === 'parts' || autos || takesOver) ? 'idempotent' : effect
}

function readsOf(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: Start,
  parts: PartsByName,
): StepStart['reads'] {
  const reads = readBy(pipeline, instance, start)
  if (reads.length > CARRIED.count) return 'parts'
  const reader = readingInstance(instance, start.turn)
  const found: { [read: string]: StepRead } = {}
  for (const read of reads) {
    const name = partRead(reader, read)
    const kept = name === undefined ? undefined : decodeRead(parts[name])
    if (kept) found[read] = toStepRead(kept)
  }
  return isWithinSize(found, CARRIED.size) ? found : 'parts'
}

function loopsOf(instance: StepInstance, start: Start, parts: PartsByName): StepStart['loops'] {
  const loops = loopsToldTo(instance, start)
  if (loops.length === 0) return undefined
  const told = loops.map((loop): [string, LoopView] => {
    const { list, most } = decodeStep(parts[stepPartName(instanceId(loop))])!
    const { length, ms } = stateOf(loop, parts)
    return [loop.node, { ...(list && { list }), ...(most !== undefined && { most }), length, ms }]
  })
  return Object.fromEntries(told)
}

const stateOf = (loop: StepInstance, parts: PartsByName) => parts[loopPartName(instanceId(loop))] as LoopProgress

/** What is left of the time that the steps of an iteration may take together. */
function leftOf(pipeline: CompiledPipeline, instance: StepInstance, parts: PartsByName): Pick<StepStart, 'left'> {
  const loop = loopAround(instance)
  const limit = loop && loopWorkAt(pipeline, loop.node).limit
  if (!loop || limit === undefined) return {}
  const { ms, before } = stateOf(loop, parts)
  return { left: Math.max(1, limit - (ms - before)) }
}
