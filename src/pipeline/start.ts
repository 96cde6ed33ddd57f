import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Send } from '../kernel/types.ts'
import type { Start } from './advance/draft.ts'
import { type CompiledPipeline, type CompiledStep, stepOf } from './compiled.ts'
import { type Instance, instanceId, parseInstance, partName, sibling } from './instance.ts'
import type { StepRead, StepStart } from './messages.ts'
import type { Parts } from './parts.ts'
import { readOf, segmentFrom } from './segment.ts'
import type { RunState, StartPart, StepPart } from './state.ts'

/** How many values a start message names, and how long (in characters of JSON) all of them may be; past that the step reads them itself. */
export const CARRIED = { count: 64, size: 128 * 1024 } as const

/** The actor of a step. */
export const stepRef = (run: string, step: string): ActorRef => ({ kind: 'step', key: `${run}.${step}` })

/** The parts of its run that the message starting a step is made of. */
export function partsToStart(pipeline: CompiledPipeline, run: RunState, { id, collect }: Start): readonly string[] {
  const instance = parseInstance(pipeline, id)!
  const { loop } = stepOf(pipeline, instance.node)
  const list = collect ? [partName(instance.node)] : loop === undefined ? [] : [partName(loop)]
  const reads = collect ? [] : readBy(pipeline, run, instance)
  const read = reads.length > CARRIED.count ? [] : reads.map((node) => partOf(pipeline, instance, node))
  return ['start', ...list, ...read]
}

/** What a step reads, and when others may follow it in one turn what they read from outside their segment. */
function readBy(pipeline: CompiledPipeline, run: RunState, first: Instance): readonly string[] {
  const { loop, reads } = stepOf(pipeline, first.node)
  return isAlone(run, loop) ? readBySegment(pipeline, first) : reads
}

const segments = new WeakMap<CompiledPipeline, Map<string, readonly string[]>>()

function readBySegment(pipeline: CompiledPipeline, first: Instance): readonly string[] {
  const known = segments.get(pipeline) ?? new Map<string, readonly string[]>()
  segments.set(pipeline, known)
  const reads = known.get(first.node) ?? readFromOutside(pipeline, first)
  known.set(first.node, reads)
  return reads
}

function readFromOutside(pipeline: CompiledPipeline, first: Instance): readonly string[] {
  const segment = segmentFrom(pipeline, first).map(({ node }) => node)
  const reads = new Set(segment.flatMap((node) => stepOf(pipeline, node).reads))
  for (const node of segment) reads.delete(node)
  return [...reads]
}

const partOf = (pipeline: CompiledPipeline, from: Instance, node: string) =>
  partName(instanceId(sibling(pipeline, from, node)))

/** The message that starts a step, with references to all it reads; `parts` holds what `partsToStart` names. */
export function startStep(pipeline: CompiledPipeline, run: RunState, start: Start, self: ActorRef, parts: Parts): Send {
  const instance = parseInstance(pipeline, start.id)!
  const step = stepOf(pipeline, instance.node)
  const { inputs, granted } = parts.start as unknown as StartPart
  const reads = start.collect ? {} : readsOf(pipeline, run, instance, parts)
  const body: StepStart = {
    type: 'start',
    pipeline: run.pipeline,
    run: { id: self.key, startedAt: run.startedAt },
    step: start.id,
    inputs,
    ...(granted && { granted }),
    reads,
    ...listOf(run, instance, step, start, parts),
    ...(start.collect && { collect: true }),
    attempts: step.attempts,
    ...(step.insists && { insists: true }),
    ...(isAlone(run, step.loop) && { alone: true }),
    effect: effectOf(step, start, reads),
  }
  return { to: stepRef(self.key, start.id), body: body as Json, replyTo: self }
}

/** Whether nothing else of the run is in flight that could fail meanwhile, and then nothing more may start. */
function isAlone({ flying, loops }: RunState, loop: string | undefined): boolean {
  return flying.length === 1 && (loop === undefined || loops[loop]?.flying === 1)
}

/** What is read from the run's parts must be durable first, so such a step is not pure, whatever it does. */
function effectOf({ effect }: CompiledStep, { collect }: Start, reads: StepStart['reads']): StepStart['effect'] {
  return effect === 'pure' && (collect || reads === 'parts') ? 'idempotent' : effect
}

function readsOf(pipeline: CompiledPipeline, run: RunState, instance: Instance, parts: Parts): StepStart['reads'] {
  const reads = readBy(pipeline, run, instance)
  if (reads.length > CARRIED.count) return 'parts'
  const found: { [node: string]: StepRead } = {}
  for (const node of reads) {
    const part = parts[partOf(pipeline, instance, node)] as StepPart | undefined
    if (part) found[node] = readOf(part)
  }
  return JSON.stringify(found).length > CARRIED.size ? 'parts' : found
}

function listOf(
  run: RunState,
  { node }: Instance,
  { loop }: CompiledStep,
  { collect }: Start,
  parts: Parts,
): Pick<StepStart, 'list'> {
  const id = collect ? node : loop
  const state = id === undefined ? undefined : run.loops[id]
  if (id === undefined || !state) return {}
  const { list } = parts[partName(id)] as StepPart
  return list ? { list: { ref: list, length: state.length } } : {}
}
