import type { Problem } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import type { Cancellation, Effects, Send, Turn } from '../../kernel/types.ts'
import { EMPTY_INTERVALS, listNumbers } from '../../lib/collections/interval-set.ts'
import { endCancelled } from '../../run/actor/end-early.ts'
import type { ValueStore } from '../../step/values.ts'
import { type CompiledPipeline, loopWorkAt, openPipeline } from '../plan/compiled.ts'
import { instanceId, isLoop, loopPartName, parseInstance, type StepInstance } from '../plan/instance.ts'
import type { CancelRemaining } from '../plan/messages/run.ts'
import { decodeLoop, type RunState } from '../plan/run-state.ts'

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
  const ended = await endCancelled(state, problem, effects)
  return { ...ended, cancel, send: [...send, ...ended.send] }
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
