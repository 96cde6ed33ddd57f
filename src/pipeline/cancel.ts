import type { Problem } from '../errors.ts'
import { asText } from '../kernel/json.ts'
import type { Json } from '../kernel/schema.ts'
import type { Cancellation, Effects, Send, Turn } from '../kernel/types.ts'
import { type CompiledPipeline, loopOf } from './compiled.ts'
import { type Instance, instanceId, isLoop, loopPartName, parseInstance } from './instance.ts'
import { NONE, numbersIn } from './ranges.ts'
import { stepRef } from './start.ts'
import { indexOf, isOver, loopIn, type RunState, type StartPart, type StepProblem } from './state.ts'
import type { Values } from './values.ts'

/** How many steps one turn calls off. */
const CHUNK = 200

/** Goes on calling off steps where an earlier turn stopped; under a correlation id of its own, since that of the run is dropped. */
export type CancelRest = { readonly type: 'cancel-rest'; readonly from: number; readonly work: string }

/** Ends a run that was called off, and calls off its steps in flight; without `rest` for the first time. */
export async function cancelRun(
  values: Values,
  state: RunState,
  effects: Effects,
  rest?: CancelRest,
): Promise<Turn<RunState>> {
  if (state.status === 'new' || (isOver(state) && !rest)) return {}
  const pipeline = (await values.get(state.pipeline)) as unknown as CompiledPipeline
  const { cancel, send } = await callOffSteps(pipeline, state, effects, rest)
  return rest
    ? { cancel, send }
    : {
        ...(await endEarly(state, 'cancelled', cancelled(effects), effects)),
        cancel,
        send: [...send, ...(await answer(effects))],
      }
}

/** Calls off steps in flight; those that one turn cannot follow by a message to oneself. */
export async function callOffSteps(
  pipeline: CompiledPipeline,
  state: RunState,
  effects: Effects,
  rest: Omit<CancelRest, 'type'> = { from: 0, work: effects.message.correlationId },
): Promise<{ readonly cancel: readonly Cancellation[]; readonly send: readonly Send[] }> {
  const { from, work } = rest
  const steps = await chunkOf(inFlight(pipeline, state, effects), from)
  const cancel = steps
    .slice(0, CHUNK)
    .map((id): Cancellation => ({ of: stepRef(effects.self.key, id), correlationId: work }))
  const more: CancelRest = { type: 'cancel-rest', from: from + CHUNK, work }
  const send = steps.length > CHUNK ? [{ to: effects.self, body: more as Json, correlationId: `${work}.cancel` }] : []
  return { cancel, send }
}

/** The steps that may be at work; calling off one that is not changes nothing. */
async function* inFlight(
  pipeline: CompiledPipeline,
  { flying, calledOff }: RunState,
  effects: Effects,
): AsyncGenerator<string> {
  for (const id of flying) {
    const at = parseInstance(pipeline, id)
    // what undoes a run is no step of its pipeline, and goes on where that is what calling it off means
    if (at) yield* inFlightFrom(pipeline, at, effects)
    else if (!calledOff) yield id
  }
}

async function* inFlightFrom(pipeline: CompiledPipeline, at: Instance, effects: Effects): AsyncGenerator<string> {
  const id = instanceId(at)
  yield id
  const loop = isLoop(pipeline, at.node) ? await effects.part(loopPartName(id)) : undefined
  for (const index of numbersIn(loopIn(loop)?.active ?? NONE))
    for (const node of loopOf(pipeline, at.node).body)
      yield* inFlightFrom(pipeline, { node, indices: [...at.indices, index] }, effects)
}

/** The steps of one turn, and one more if there is any. */
async function chunkOf(steps: AsyncIterable<string>, from: number): Promise<readonly string[]> {
  const chunk: string[] = []
  let at = 0
  for await (const id of steps) {
    if (at++ >= from) chunk.push(id)
    if (chunk.length > CHUNK) break
  }
  return chunk
}

/** What is said of a run that was called off. */
export const CANCELLED = { code: 'cancelled', name: 'CancelledError', terminal: true } as const

const cancelled = (effects: Effects): Problem => ({ ...CANCELLED, message: reasonOf(effects) })

/** A run is over before its steps are. */
export async function endEarly(
  state: RunState,
  status: 'cancelled' | 'failed',
  problem: StepProblem,
  effects: Effects,
): Promise<Pick<Turn<RunState>, 'state' | 'index' | 'events'>> {
  const { done, failed, total } = state
  const finishedAt = await effects.now()
  const run: RunState = { ...state, status, skipped: total - done - failed, finishedAt, problem }
  const event = { type: 'run-end', status, success: false, problem, done, failed, skipped: run.skipped }
  return { state: run, index: indexOf(run, await effects.part('start')), events: [event] }
}

async function answer(effects: Effects) {
  const start = (await effects.part('start')) as StartPart | undefined
  return start?.replyTo ? [{ to: start.replyTo, body: cancelled(effects), type: 'error' as const }] : []
}

function reasonOf({ message }: Effects): string {
  return asText((message.body as { reason?: Json }).reason ?? 'the run was called off')
}
