/**
 * Pipelines as a language of runs. It turns messages into events of the graph, and decisions of the graph into messages
 * to steps. Cancellation and undo have files beside it.
 */

import { problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { failRunOnError } from '../../run/actor/end-early.ts'
import { endWaits } from '../../run/actor/signals.ts'
import { cancelAndUndo, notUndoable, recordLateUndo, startUndo, takeDeath, undoEndedRun } from '../../run/actor/undo.ts'
import { tellWatcher } from '../../run/actor/watch.ts'
import type { Language, LanguageTurn, RunCancellation } from '../../run/language.ts'
import { messageTime } from '../../run/messages.ts'
import { isFinished, runIndex, type StartPart } from '../../run/run.ts'
import { newStart } from '../../run/start.ts'
import { encodeEnds, encodeEvent } from '../../step/messages/codec.ts'
import type { StepEnd } from '../../step/messages/step-end.ts'
import type { ValueStore } from '../../step/values.ts'
import { CODE_WAIT } from '../../work/wait.ts'
import { type Advance, advance, readSet } from '../graph/advance.ts'
import type { GraphEvent } from '../graph/draft.ts'
import type { BatchPolicy } from '../plan/batching.ts'
import { type CompiledPipeline, openPipeline } from '../plan/compiled.ts'
import { type ContinueRun, type PipelineMessage, pipelineMessages } from '../plan/messages/run.ts'
import { type RunStart, runStartSchema } from '../plan/messages/run-start.ts'
import { PIPELINE_WORK } from '../plan/messages/step-order.ts'
import { createPartReader, type PartsByName } from '../plan/part-reader.ts'
import { NEW_RUN, type RunState } from '../plan/run-state.ts'
import type { StepStrategies } from '../plan/strategy.ts'
import { cancelRest, cancelRun, cancelSteps } from './cancel.ts'
import { startReadSet } from './start-reads.ts'
import { stepStartMessage } from './start-step.ts'

type RunServices = {
  readonly values: ValueStore
  readonly batches?: BatchPolicy
  readonly strategies?: StepStrategies
}

/** Advances the graph of a run, and sends each step references to the values it reads. It never reads the values. */
export function pipelineLanguage(services: RunServices): Language<RunState, RunStart, PipelineMessage> {
  const { values } = services
  // if this throws for the end of a step, the run gets an error notice from that step instead
  const take = (state: RunState, event: GraphEvent, effects: Effects): LanguageTurn<RunState> =>
    effects.message.type === 'response'
      ? applyEvent(services, state, event, effects)
      : failRunOnError(state, effects, () => applyEvent(services, state, event, effects))
  return {
    name: 'pipeline',
    first: { start: runStartSchema },
    message: pipelineMessages,
    begin: (first, effects) => beginRun(services, first, effects),
    ended: take,
    waits: take,
    died: (state, death, effects) =>
      failRunOnError(state, effects, () =>
        takeDeath(state, death, effects, (...failed) => applyEvent(services, state, failureEvent(...failed), effects)),
      ),
    receive: (state, message, effects) =>
      message.type === 'cancel-rest' ? cancelRest(values, state, effects, message) : take(state, message, effects),
    cancel: (state, how, effects) =>
      how.undo
        ? cancelAndCompensate(values, state, how, effects)
        : failRunOnError(state, effects, () => cancelRun(values, state, how.problem, effects)),
    undo(state, message, effects) {
      if (message.type === 'undo') return undoEndedRun(state, undoWork(state), effects)
      return isFinished(state) ? recordLateUndo(message, effects) : take(state, message, effects)
    },
  }
}

async function beginRun(services: RunServices, message: RunStart, effects: Effects): Promise<Turn<RunState>> {
  const { type: _, pipeline, name, owner, detached, ...origin } = message
  const opening = openPipeline(services.values, pipeline)
  try {
    await opening
  } catch (error) {
    return { refuse: problemOf(error) }
  }
  const startedAt = messageTime(effects.message)
  const start = newStart(origin, effects, detached === true)
  const run: RunState = { ...NEW_RUN, pipeline, name, startedAt, ...(owner !== undefined && { owner }) }
  const begun = await advanceRun(services, opening, run, { type: 'begin', start }, effects)
  return detached ? { ...begun, reply: { status: 'started' } } : begun
}

const undoWork = ({ pipeline }: RunState) => ({ type: PIPELINE_WORK, order: { pipeline } })

function applyEvent(
  services: RunServices,
  state: RunState,
  event: GraphEvent,
  effects: Effects,
): LanguageTurn<RunState> {
  if (isFinished(state)) return {}
  return advanceRun(services, openPipeline(services.values, state.pipeline), state, event, effects)
}

/** A step failed, or all steps of a batch did. */
const failureEvent = (ends: readonly StepEnd[], of: string): GraphEvent =>
  ends.length === 1 ? ends[0]! : { type: 'batch-end', mode: 'parallel', of, ends, deferred: [] }

/** Applies one event through `advance` and turns the decision into a turn. */
async function advanceRun(
  { batches, strategies }: RunServices,
  opening: Promise<CompiledPipeline>,
  state: RunState,
  event: GraphEvent,
  effects: Effects,
): Promise<Turn<RunState>> {
  const pipeline = await opening
  const read = createPartReader(effects)
  const given = read(readSet(pipeline, state, event), NO_PARTS)
  const next = advance(
    pipeline,
    state,
    given instanceof Promise ? await given : given,
    event,
    messageTime(effects.message),
    batches,
    strategies,
  )
  const { run, starts, parts, events } = next
  // messages are made of the start messages, or of the reply when the run is over
  const reading = read(isFinished(run) ? ['start'] : startReadSet(pipeline, starts), parts)
  const shown = reading instanceof Promise ? await reading : reading
  const send = messagesOf(pipeline, next, effects.self, shown)
  if (next.undo) send.push(await startUndo(run, undoWork(run), effects))
  const turn = { state: run, parts, send, events: events.map(encodeEvent) }
  if (isFinished(run)) return finalTurn(turn, shown.start!)
  if (run.watched) send.push(...(await tellWatcher(run, effects)))
  if (run.problem) return endWaitsOfTurn(turn, effects)
  if (event.type !== 'begin' && run.lacks === state.lacks) return turn
  const index = runIndex(run, event.type === 'begin' ? event.start : await effects.part('start'))
  return { ...turn, index: { ...index, ...(run.lacks && { waits: CODE_WAIT }) } }
}

const NO_PARTS: PartsByName = {}

/** Nothing more starts in a failed run, so its steps need not wait for signals any longer. */
async function endWaitsOfTurn(turn: RunTurn, effects: Effects): Promise<Turn<RunState>> {
  const { state, parts, send } = await endWaits(turn.state, effects)
  return { ...turn, state, parts: { ...turn.parts, ...parts }, send: [...turn.send, ...send] }
}

/** Cancels the steps in flight and compensates the completed ones. The run is over after that. */
async function cancelAndCompensate(
  values: ValueStore,
  state: RunState,
  { problem }: RunCancellation,
  effects: Effects,
): Promise<Turn<RunState>> {
  const pipeline = await openPipeline(values, state.pipeline)
  if (!pipeline.undoable) return { refuse: notUndoable('steps: its pipeline does not set `on_failure: undo`') }
  return cancelAndUndo(state, problem, undoWork(state), await cancelSteps(pipeline, state, effects), effects)
}

type RunTurn = Turn<RunState> & {
  readonly state: RunState
  readonly send: readonly Send[]
  readonly events: readonly Json[]
}

function messagesOf(pipeline: CompiledPipeline, next: Advance, self: ActorRef, shown: PartsByName): Send[] {
  const send: Send[] = next.selfMessages.map((body) => ({ to: self, body: encodeMessage(body), type: 'event' }))
  for (const start of next.starts) send.push(stepStartMessage(pipeline, next.run, start, self, shown))
  return send
}

const encodeMessage = (body: ContinueRun): Json =>
  body.type === 'batch-end' ? { ...body, ends: encodeEnds(body.ends), deferred: body.deferred } : body

/** Replies to the caller of the run and updates the index. */
function finalTurn(turn: RunTurn, start: Json): Turn<RunState> {
  const { replyTo } = start as StartPart
  const answer: Send[] = replyTo ? [{ to: replyTo, body: turn.events.at(-1)!, type: 'response' }] : []
  return { ...turn, send: [...turn.send, ...answer], index: runIndex(turn.state, start) }
}
