import { type Problem, problemOf } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Cancellation, Effects, Send, Turn } from '../../kernel/types.ts'
import { EMPTY_INTERVALS, listNumbers } from '../../lib/collections/interval-set.ts'
import type { RunEvent } from '../../run/event.ts'
import { isFinished, runIndex } from '../../run/run.ts'
import { findStart, readStart } from '../../run/start.ts'
import type { StepProblem } from '../../step/record/step.ts'
import type { ValueStore } from '../../step/values.ts'
import { type CompiledPipeline, loopWorkAt } from '../plan/compiled.ts'
import { instanceId, isLoop, loopPartName, parseInstance, type StepInstance } from '../plan/instance.ts'
import type { CancelRemaining } from '../plan/messages/run.ts'
import { openPipeline } from '../plan/open-pipeline.ts'
import { decodeLoop, type RunState } from '../plan/run-state.ts'

/** The number of steps that one turn cancels. */
const MAX_CANCELS_PER_TURN = 200

/** Ends a cancelled run and cancels its steps in flight. */
export async function cancelRun(
  values: ValueStore,
  state: RunState,
  problem: Problem,
  effects: Effects,
): Promise<Turn<RunState>> {
  const pipeline = await openPipeline(values, state.pipeline)
  const { cancel, send } = await cancelSteps(pipeline, state, effects)
  return {
    ...(await endRunEarly(state, 'cancelled', problem, effects)),
    cancel,
    send: [...send, ...(await answerCaller(problem, effects))],
  }
}

/** Cancels the steps that an earlier turn left. */
export async function cancelRest(
  values: ValueStore,
  state: RunState,
  effects: Effects,
  rest: CancelRemaining,
): Promise<Turn<RunState>> {
  return cancelSteps(await openPipeline(values, state.pipeline), state, effects, rest)
}

/** Cancels steps in flight; a message to the run itself continues with those that one turn cannot cancel. */
export async function cancelSteps(
  pipeline: CompiledPipeline,
  state: RunState,
  effects: Effects,
  rest: Omit<CancelRemaining, 'type'> = { work: effects.message.correlationId, steps: state.inFlight },
): Promise<{ readonly cancel: readonly Cancellation[]; readonly send: readonly Send[] }> {
  const { work } = rest
  const { ids, left } = await nextToCancel(pipeline, state, effects, rest)
  const cancel = ids.map((id): Cancellation => ({ of: stepRef(effects.self.key, id), correlationId: work }))
  const more: CancelRemaining | undefined = left && { type: 'cancel-rest', work, ...left }
  const send = more ? [{ to: effects.self, body: more, correlationId: `${work}.cancel` }] : []
  return { cancel, send }
}

type CancelPosition = Pick<CancelRemaining, 'steps' | 'after'>

/** The steps that one turn cancels, and where the next turn continues. Cancelling an idle step changes nothing. */
async function nextToCancel(
  pipeline: CompiledPipeline,
  { cancelRequested }: RunState,
  effects: Effects,
  { steps, after }: CancelPosition,
): Promise<{ readonly ids: readonly string[]; readonly left?: CancelPosition }> {
  const ids: string[] = []
  for (const [place, step] of steps.entries()) {
    const at = parseInstance(pipeline, step)
    let last = place === 0 ? after : undefined
    const from = last === undefined ? undefined : parseInstance(pipeline, last)
    for await (const id of at ? stepsInFlight(pipeline, at, effects, from) : compensationStep(step, cancelRequested)) {
      if (ids.length === MAX_CANCELS_PER_TURN)
        return { ids, left: { steps: steps.slice(place), ...(last !== undefined && { after: last }) } }
      ids.push(id)
      last = id
    }
  }
  return { ids }
}

/** The step that compensates a run is not in its pipeline. It continues when the run is cancelled for compensation. */
async function* compensationStep(step: string, cancelRequested: RunState['cancelRequested']): AsyncGenerator<string> {
  if (!cancelRequested) yield step
}

/** A step and the steps of its iterations that may be at work; `from`: only those after that one. */
async function* stepsInFlight(
  pipeline: CompiledPipeline,
  at: StepInstance,
  effects: Effects,
  from?: StepInstance,
): AsyncGenerator<string> {
  const id = instanceId(at)
  if (!from) yield id
  if (!isLoop(pipeline, at.node)) return
  const { active } = decodeLoop(await effects.part(loopPartName(id))) ?? { active: EMPTY_INTERVALS }
  const { body } = loopWorkAt(pipeline, at.node)
  const first = from?.indices[at.indices.length]
  for (const index of listNumbers(active)) {
    if (first !== undefined && index < first) continue
    const begun = index === first ? body.findIndex((node) => isWithin(from!.node, node)) : NOT_FOUND
    for (const [place, node] of body.entries()) {
      const step = { node, indices: [...at.indices, index] }
      if (place >= begun) yield* stepsInFlight(pipeline, step, effects, place === begun ? from : undefined)
    }
  }
}

const NOT_FOUND = -1
const isWithin = (node: string, around: string) => node === around || node.startsWith(`${around}.`)

/** Ends a run before its steps have ended. */
async function endRunEarly(
  state: RunState,
  status: 'cancelled' | 'failed',
  problem: StepProblem,
  effects: Effects,
): Promise<Pick<Turn<RunState>, 'state' | 'index' | 'events'>> {
  const { done, failed, total } = state
  const finishedAt = await effects.now()
  const run: RunState = { ...state, status, skipped: total - done - failed, finishedAt, problem }
  const event: RunEvent = { type: 'run-end', status, success: false, problem, done, failed, skipped: run.skipped }
  return { state: run, index: runIndex(run, await effects.part('start')), events: [event] }
}

async function answerCaller(problem: Problem, effects: Effects) {
  const start = await findStart(effects)
  return start?.replyTo ? [{ to: start.replyTo, body: problem, type: 'error' as const }] : []
}

/** Fails the run if its turn throws on a message that is not sent again: otherwise the run would wait forever. */
export async function failRunOnError(
  state: RunState,
  effects: Effects,
  take: () => Turn<RunState> | Promise<Turn<RunState>>,
): Promise<Turn<RunState>> {
  try {
    return await take()
  } catch (error) {
    if (isInterruption(error) || isFinished(state)) throw error
    return failRun(state, problemOf(error), effects)
  }
}

/**
 * Fails the run and cancels its steps in flight. Steps in loops are
 * not cancelled, since only the pipeline knows their names.
 */
async function failRun(state: RunState, problem: StepProblem, effects: Effects): Promise<Turn<RunState>> {
  const ending = await endRunEarly(state, 'failed', problem, effects)
  const { replyTo } = await readStart(effects)
  return {
    ...ending,
    cancel: state.inFlight.map((step) => ({ of: stepRef(effects.self.key, step) })),
    send: replyTo ? [{ to: replyTo, body: ending.events![0]!, type: 'response' }] : [],
  }
}
