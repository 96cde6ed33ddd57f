import { type Problem, problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import { asText } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Cancellation, Effects, Send, Turn } from '../../kernel/types.ts'
import { type CompiledPipeline, loopWorkAt } from '../plan/compiled.ts'
import { instanceId, isLoop, loopPartName, parseInstance, type StepInstance } from '../plan/instance.ts'
import { EMPTY_INTERVALS, listNumbers } from '../plan/interval-set.ts'
import type { CancelRemaining } from '../plan/messages/run.ts'
import { stepRef, type ValueStore } from '../plan/refs.ts'
import { decodeLoop, isFinished, type RunState, runIndex, type StartPart } from '../plan/run-state.ts'
import type { StepProblem } from '../plan/step-outcome.ts'

/** How many steps one turn calls off. */
const CHUNK = 200

/** Ends a run that was called off, and calls off its steps in flight; without `rest` for the first time. */
export async function cancelRun(
  values: ValueStore,
  state: RunState,
  effects: Effects,
  rest?: CancelRemaining,
): Promise<Turn<RunState>> {
  if (state.status === 'new' || (isFinished(state) && !rest)) return {}
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

/** Cancels steps in flight; a message to the run itself continues with those that one turn cannot cancel. */
export async function callOffSteps(
  pipeline: CompiledPipeline,
  state: RunState,
  effects: Effects,
  rest: Omit<CancelRemaining, 'type'> = { work: effects.message.correlationId, steps: state.flying },
): Promise<{ readonly cancel: readonly Cancellation[]; readonly send: readonly Send[] }> {
  const { work } = rest
  const { ids, left } = await chunkOf(pipeline, state, effects, rest)
  const cancel = ids.map((id): Cancellation => ({ of: stepRef(effects.self.key, id), correlationId: work }))
  const more: CancelRemaining | undefined = left && { type: 'cancel-rest', work, ...left }
  const send = more ? [{ to: effects.self, body: more as Json, correlationId: `${work}.cancel` }] : []
  return { cancel, send }
}

type Place = Pick<CancelRemaining, 'steps' | 'after'>

/** The steps that one turn cancels, and where the next turn continues. Cancelling a step that is not at work changes nothing. */
async function chunkOf(
  pipeline: CompiledPipeline,
  { calledOff }: RunState,
  effects: Effects,
  { steps, after }: Place,
): Promise<{ readonly ids: readonly string[]; readonly left?: Place }> {
  const ids: string[] = []
  for (const [place, step] of steps.entries()) {
    const at = parseInstance(pipeline, step)
    let last = place === 0 ? after : undefined
    const from = last === undefined ? undefined : parseInstance(pipeline, last)
    for await (const id of at ? inFlight(pipeline, at, effects, from) : undoing(step, calledOff)) {
      if (ids.length === CHUNK)
        return { ids, left: { steps: steps.slice(place), ...(last !== undefined && { after: last }) } }
      ids.push(id)
      last = id
    }
  }
  return { ids }
}

/** The step that undoes a run is not in its pipeline, and continues when that is what cancelling the run means. */
async function* undoing(step: string, calledOff: RunState['calledOff']): AsyncGenerator<string> {
  if (!calledOff) yield step
}

/** A step and the steps in its iterations that may be at work; `from`: only those that come after that one. */
async function* inFlight(
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
    const begun = index === first ? body.findIndex((node) => isIn(from!.node, node)) : NOWHERE
    for (const [place, node] of body.entries()) {
      const step = { node, indices: [...at.indices, index] }
      if (place >= begun) yield* inFlight(pipeline, step, effects, place === begun ? from : undefined)
    }
  }
}

const NOWHERE = -1
const isIn = (node: string, around: string) => node === around || node.startsWith(`${around}.`)

/** What is said of a run that was called off. */
export const CANCELLED = { code: 'cancelled', name: 'CancelledError', terminal: true } as const

const cancelled = (effects: Effects): Problem => ({ ...CANCELLED, message: reasonOf(effects) })

/** A run is over before its steps are. */
async function endEarly(
  state: RunState,
  status: 'cancelled' | 'failed',
  problem: StepProblem,
  effects: Effects,
): Promise<Pick<Turn<RunState>, 'state' | 'index' | 'events'>> {
  const { done, failed, total } = state
  const finishedAt = await effects.now()
  const run: RunState = { ...state, status, skipped: total - done - failed, finishedAt, problem }
  const event = { type: 'run-end', status, success: false, problem, done, failed, skipped: run.skipped }
  return { state: run, index: runIndex(run, await effects.part('start')), events: [event] }
}

async function answer(effects: Effects) {
  const start = (await effects.part('start')) as StartPart | undefined
  return start?.replyTo ? [{ to: start.replyTo, body: cancelled(effects), type: 'error' as const }] : []
}

function reasonOf({ message }: Effects): string {
  return asText((message.body as { reason?: Json }).reason ?? 'the run was called off')
}

/** What a run cannot take, and nobody would tell it again, fails it: else it would wait for ever. */
export async function orGiveUp(
  state: RunState,
  effects: Effects,
  take: () => Turn<RunState> | Promise<Turn<RunState>>,
): Promise<Turn<RunState>> {
  try {
    return await take()
  } catch (error) {
    if (isInterruption(error) || state.status === 'new' || isFinished(state)) throw error
    return giveUp(state, problemOf(error), effects)
  }
}

/** Its steps in flight are called off; those of loops end unheard, for only the pipeline knows their names. */
async function giveUp(state: RunState, problem: StepProblem, effects: Effects): Promise<Turn<RunState>> {
  const ending = await endEarly(state, 'failed', problem, effects)
  const { replyTo } = (await effects.part('start')) as StartPart
  return {
    ...ending,
    cancel: state.flying.map((step) => ({ of: stepRef(effects.self.key, step) })),
    send: replyTo ? [{ to: replyTo, body: ending.events![0]!, type: 'response' }] : [],
  }
}
