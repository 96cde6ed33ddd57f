import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Send } from '../kernel/types.ts'
import type { Start } from './advance/draft.ts'
import { type CompiledPipeline, type CompiledStep, stepOf } from './compiled.ts'
import { type Instance, instanceId, parseInstance, partName, sibling } from './instance.ts'
import type { StepRead, StepStart } from './messages.ts'
import type { PartReader } from './parts.ts'
import type { RunState, StartPart, StepPart } from './state.ts'

/** How many values a start message names, and how long (in characters of JSON) all of them may be; past that the step reads them itself. */
export const CARRIED = { count: 64, size: 128 * 1024 } as const

/** The actor of a step. */
export const stepRef = (run: string, step: string): ActorRef => ({ kind: 'step', key: `${run}.${step}` })

/** The message that starts a step, with references to all it reads. */
export async function startStep(
  pipeline: CompiledPipeline,
  run: RunState,
  start: Start,
  self: ActorRef,
  parts: PartReader,
): Promise<Send> {
  const instance = parseInstance(pipeline, start.id)!
  const step = stepOf(pipeline, instance.node)
  const { inputs, granted } = (await parts.read('start')) as unknown as StartPart
  const reads = start.collect ? {} : await readsOf(pipeline, instance, step, parts)
  const body: StepStart = {
    type: 'start',
    pipeline: run.pipeline,
    run: { id: self.key, startedAt: run.startedAt },
    step: start.id,
    inputs,
    ...(granted && { granted }),
    reads,
    ...(await listOf(run, instance, step, start, parts)),
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

async function readsOf(
  pipeline: CompiledPipeline,
  instance: Instance,
  { reads }: CompiledStep,
  parts: PartReader,
): Promise<StepStart['reads']> {
  if (reads.length > CARRIED.count) return 'parts'
  const found: { [node: string]: StepRead } = {}
  for (const node of reads) {
    const part = (await parts.read(partName(instanceId(sibling(pipeline, instance, node))))) as StepPart | undefined
    if (part) found[node] = readOf(part)
  }
  return JSON.stringify(found).length > CARRIED.size ? 'parts' : found
}

function readOf({ status, result, problem, reason }: StepPart): StepRead {
  return { status, ...(result && { result }), ...(problem && { problem }), ...(reason !== undefined && { reason }) }
}

async function listOf(
  run: RunState,
  { node }: Instance,
  { loop }: CompiledStep,
  { collect }: Start,
  parts: PartReader,
): Promise<Pick<StepStart, 'list'>> {
  const id = collect ? node : loop
  const state = id === undefined ? undefined : run.loops[id]
  if (id === undefined || !state) return {}
  const { list } = (await parts.read(partName(id))) as StepPart
  return list ? { list: { ref: list, length: state.length } } : {}
}
