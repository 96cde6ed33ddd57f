import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Send } from '../kernel/types.ts'
import type { Start } from './advance/draft.ts'
import { type CompiledPipeline, type CompiledStep, stepOf } from './compiled.ts'
import { type Instance, instanceId, parseInstance, partName, sibling } from './instance.ts'
import type { StepRead, StepStart } from './messages.ts'
import type { Parts } from './parts.ts'
import type { RunState, StartPart, StepPart } from './state.ts'

/** How many values a start message names, and how long (in characters of JSON) all of them may be; past that the step reads them itself. */
export const CARRIED = { count: 64, size: 128 * 1024 } as const

/** The actor of a step. */
export const stepRef = (run: string, step: string): ActorRef => ({ kind: 'step', key: `${run}.${step}` })

/** The parts of its run that the message starting a step is made of. */
export function partsToStart(pipeline: CompiledPipeline, { id, collect }: Start): readonly string[] {
  const instance = parseInstance(pipeline, id)!
  const { loop, reads } = stepOf(pipeline, instance.node)
  const list = collect ? [partName(instance.node)] : loop === undefined ? [] : [partName(loop)]
  const read = collect || reads.length > CARRIED.count ? [] : reads.map((node) => partOf(pipeline, instance, node))
  return ['start', ...list, ...read]
}

const partOf = (pipeline: CompiledPipeline, from: Instance, node: string) =>
  partName(instanceId(sibling(pipeline, from, node)))

/** The message that starts a step, with references to all it reads; `parts` holds what `partsToStart` names. */
export function startStep(pipeline: CompiledPipeline, run: RunState, start: Start, self: ActorRef, parts: Parts): Send {
  const instance = parseInstance(pipeline, start.id)!
  const step = stepOf(pipeline, instance.node)
  const { inputs, granted } = parts.start as unknown as StartPart
  const reads = start.collect ? {} : readsOf(pipeline, instance, step, parts)
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
    effect: effectOf(step, start, reads),
  }
  return { to: stepRef(self.key, start.id), body: body as Json, replyTo: self }
}

/** What is read from the run's parts must be durable first, so such a step is not pure, whatever it does. */
function effectOf({ effect }: CompiledStep, { collect }: Start, reads: StepStart['reads']): StepStart['effect'] {
  return effect === 'pure' && (collect || reads === 'parts') ? 'idempotent' : effect
}

function readsOf(
  pipeline: CompiledPipeline,
  instance: Instance,
  { reads }: CompiledStep,
  parts: Parts,
): StepStart['reads'] {
  if (reads.length > CARRIED.count) return 'parts'
  const found: { [node: string]: StepRead } = {}
  for (const node of reads) {
    const part = parts[partOf(pipeline, instance, node)] as StepPart | undefined
    if (part) found[node] = readOf(part)
  }
  return JSON.stringify(found).length > CARRIED.size ? 'parts' : found
}

function readOf({ status, result, problem, reason }: StepPart): StepRead {
  return { status, ...(result && { result }), ...(problem && { problem }), ...(reason !== undefined && { reason }) }
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
