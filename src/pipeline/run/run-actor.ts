/**
 * The actor of a run. It turns messages into events of the graph, and decisions of the graph into messages to steps.
 * Signals, cancellation, recursion and undo have files beside it.
 */

import { z } from 'zod'
import { errorOf, type Problem, problemOf } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import type { Json } from '../../kernel/schema.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Envelope, Notice, Send, Turn } from '../../kernel/types.ts'
import { workTrace } from '../../observe/traceparent.ts'
import type { UndoRun } from '../../run/messages.ts'
import { isFinished, runIndex } from '../../run/run.ts'
import type { StartPart } from '../../run/start.ts'
import { decodeStep, encodeEnds, encodeEvent } from '../../step/messages/codec.ts'
import { failedEnd } from '../../step/messages/step-end.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { WriteArea } from '../../tool/writes/area.ts'
import { type Advance, advance, readSet } from '../graph/advance.ts'
import type { GraphEvent } from '../graph/draft.ts'
import type { BatchPolicy } from '../plan/batching.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import { type ContinueRun, type RunMessage, runMessageSchema } from '../plan/messages/run.ts'
import type { CallsStart, RunStart } from '../plan/messages/run-start.ts'
import { UNDO_STEP } from '../plan/messages/step-start.ts'
import { openPipeline } from '../plan/open-pipeline.ts'
import { createPartReader, type PartsByName } from '../plan/part-reader.ts'
import { NEW_RUN, type RunState } from '../plan/run-state.ts'
import { callsPipeline } from './calls-pipeline.ts'
import { CANCELLED, cancelRun, cancelSteps, failRunOnError } from './cancel.ts'
import { recordLateRemark } from './late-remark.ts'
import { recordProgress } from './record-progress.ts'
import { handleRecursion } from './recursion.ts'
import { endWaits, handleAwait, handleChildWait, handleSignal } from './signals.ts'
import { RUN_EXISTS, runStartMessage } from './start-message.ts'
import { startReadSet } from './start-reads.ts'
import { stepStartMessage } from './start-step.ts'
import { recordLateUndo, startCompensation, undoEndedRun } from './undo-ended.ts'
import { tellWatcher, watchRun } from './watch.ts'

type RunServices = {
  readonly values: ValueStore
  readonly toolbox: Toolbox
  readonly batches?: BatchPolicy
  /** where calls that a model chose may write without a person; absent: wherever they may write at all */
  readonly area?: WriteArea
}

/** Runs that another executor carries out. Their actors are of the kind of all runs. */
export type OtherRuns = {
  /** Whether the run is one of these, or becomes one by this message. */
  isIts(state: RunState, message?: RunMessage): boolean
  /** the messages that only these runs take */
  readonly message: z.ZodType
  receive(state: RunState, message: RunMessage, effects: Effects): Turn<RunState> | Promise<Turn<RunState>>
  notice(state: RunState, notice: Notice, effects: Effects): Turn<RunState> | Promise<Turn<RunState>>
}

/**
 * `run/<id>`: advances the graph of one execution, and sends each
 * step references to the values it reads. It never reads the values.
 */
export function runActor(services: RunServices, other?: OtherRuns): Actor<RunState, RunMessage> {
  const { values } = services
  return defineActor<RunState, RunMessage>({
    kind: KIND.run,
    message: other ? (z.union([runMessageSchema, other.message]) as typeof runMessageSchema) : runMessageSchema,
    initial: () => NEW_RUN,
    receive(state, message, effects) {
      if (message.type === 'expire') return expireRun(state)
      if (message.type === 'look') return { reply: true, ...(state.status === 'new' && { stop: true }) }
      if (message.type === 'watch') return watchRun(state, effects)
      if (message.type === 'signal') return handleSignal(state, message, effects)
      if (message.type === 'await') return handleAwait(state, message, effects)
      if (message.type === 'child-await' || message.type === 'goal-wait')
        return handleChildWait(state, message, effects)
      if (message.type === 'recursion') return handleRecursion(state, message, effects)
      if (message.type === 'late-remark') return recordLateRemark(state, message, effects)
      if (message.type === 'step-progress') return recordProgress(state, message, effects)
      if (other?.isIts(state, message)) return other.receive(state, message, effects)
      if (message.type === 'start') return beginRun(services, state, message, effects)
      if (message.type === 'calls') return beginCalls(services, state, message, effects)
      if (message.type === 'cancel-rest') return cancelRun(values, state, effects, message)
      if (message.type === 'undo-run') return cancelAndCompensate(values, state, message, effects)
      if (message.type === 'undo') return undoEndedRun(state, message, effects)
      if (message.type === 'undone' && isFinished(state)) return recordLateUndo(values, state, message, effects)
      // if this throws for the end of a step, the run gets an error notice from that step instead
      if (effects.message.type === 'response') return applyEvent(services, state, message, effects)
      return applyEventOrFail(services, state, message, effects)
    },
    notice(state, notice, effects) {
      if (other?.isIts(state)) return failRunOnError(state, effects, () => other.notice(state, notice, effects))
      return failRunOnError(state, effects, () => handleNotice(services, state, notice, effects))
    },
  })
}

async function beginRun(
  services: RunServices,
  state: RunState,
  message: RunStart,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status !== 'new') return { refuse: RUN_EXISTS }
  const { type: _, pipeline, name, owner, detached, ...given } = message
  const opening = openPipeline(services.values, pipeline)
  try {
    await opening
  } catch (error) {
    return { refuse: problemOf(error) }
  }
  const startedAt = messageTime(effects.message)
  const { replyTo } = effects.message
  const trace = workTrace(effects.message.trace, effects.self.key)
  const start: StartPart = {
    ...given,
    ...(replyTo && !detached && { replyTo }),
    ...(trace !== undefined && { trace }),
  }
  const run: RunState = { ...NEW_RUN, pipeline, name, startedAt, ...(owner !== undefined && { owner }) }
  const begun = await advanceRun(services, opening, run, { type: 'begin', start }, effects)
  return detached ? { ...begun, reply: { status: 'started' } } : begun
}

/** Begins a run of calls. Its first turn keeps the pipeline with the state, so a repeated message changes nothing. */
async function beginCalls(
  services: RunServices,
  state: RunState,
  message: CallsStart,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status !== 'new') return { refuse: RUN_EXISTS }
  const { pipeline, inputs } = callsPipeline(message, services.toolbox, services.area)
  const origin = { ...message.origin, ...(message.content !== undefined && { content: message.content }) }
  const start = await runStartMessage(services.values, pipeline, inputs, origin)
  return beginRun(services, state, start, effects)
}

/** When the message was sent, or due. A turn depends only on its message, so this needs no journal entry. */
function messageTime({ createdAt, due = 0 }: Envelope): number {
  return Math.max(createdAt, due)
}

const expireRun = (state: RunState): Turn<RunState> =>
  state.status === 'new' || isFinished(state) ? { reply: true, stop: true } : { reply: false }

function applyEvent(
  services: RunServices,
  state: RunState,
  event: GraphEvent,
  effects: Effects,
): Turn<RunState> | Promise<Turn<RunState>> {
  if (state.status === 'new' || isFinished(state)) return {}
  return advanceRun(services, openPipeline(services.values, state.pipeline), state, event, effects)
}

function applyEventOrFail(
  services: RunServices,
  state: RunState,
  event: GraphEvent,
  effects: Effects,
): Promise<Turn<RunState>> {
  return failRunOnError(state, effects, () => applyEvent(services, state, event, effects))
}

/** A step that died without an end has failed. Cancelling the run cancels its steps. */
async function handleNotice(
  services: RunServices,
  state: RunState,
  notice: Notice,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (notice.type === 'cancelled') return cancelRun(services.values, state, effects)
  if (notice.type === 'error' && notice.undelivered && notice.from?.kind === KIND.run) throw errorOf(notice.problem)
  if (notice.type !== 'error' || notice.from?.kind !== KIND.step) return {}
  // the run itself cancelled the step
  if (state.cancelRequested && notice.problem.code === 'cancelled') return {}
  const step = notice.from.key.slice(effects.self.key.length + 1)
  if (step === UNDO_STEP && isFinished(state))
    return recordLateUndo(services.values, state, { type: 'undone', steps: [], last: true }, effects)
  return applyEvent(services, state, await failureEvent(step, notice.problem, effects), effects)
}

/** When a batch dies, none of its members has reported an end, so all of them have failed. */
async function failureEvent(step: string, problem: Problem, { part }: Effects): Promise<GraphEvent> {
  const found = decodeStep(await part(stepPartName(step)))
  const members = found?.status === 'running' ? found.members : undefined
  if (!members) return failedEnd(step, problem)
  const ends = [step, ...members].map((one) => failedEnd(one, problem))
  return { type: 'batch-end', mode: 'parallel', of: step, ends, deferred: [] }
}

/** Applies one event through `advance` and turns the decision into a turn. */
async function advanceRun(
  { batches }: RunServices,
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
  )
  const { run, parts, events } = next
  const reading = read(partsForMessages(pipeline, next), parts)
  const shown = reading instanceof Promise ? await reading : reading
  const send = messagesOf(pipeline, next, effects.self, shown)
  if (next.undo) send.push(await startCompensation(run, effects))
  const turn = { state: run, parts, send, events: events.map(encodeEvent) }
  if (isFinished(run)) return finalTurn(turn, shown.start!)
  if (run.watched) send.push(...(await tellWatcher(run, effects)))
  if (run.problem) return endWaitsOfTurn(turn, effects)
  return event.type === 'begin' ? { ...turn, index: runIndex(run, event.start) } : turn
}

const NO_PARTS: PartsByName = {}

/** The parts that messages are made of: the start messages, or the reply when the run is over. */
function partsForMessages(pipeline: CompiledPipeline, { run, starts }: Advance): readonly string[] {
  return isFinished(run) ? ['start'] : startReadSet(pipeline, starts)
}

/** Nothing more starts in a failed run, so its steps need not wait for signals any longer. */
async function endWaitsOfTurn(turn: RunTurn, effects: Effects): Promise<Turn<RunState>> {
  const { state, parts, send } = await endWaits(turn.state, effects)
  return { ...turn, state, parts: { ...turn.parts, ...parts }, send: [...turn.send, ...send] }
}

/** Cancels the steps in flight and compensates the completed ones. The run is over after that. */
async function cancelAndCompensate(
  values: ValueStore,
  state: RunState,
  { reason }: UndoRun,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status === 'new' || isFinished(state)) return { refuse: RUN_OVER }
  const pipeline = await openPipeline(values, state.pipeline)
  if (!pipeline.undoable) return { refuse: NOT_UNDOABLE }
  if (state.compensation === 'begun') return { reply: { status: 'taken' } }
  const { cancel, send } = await cancelSteps(pipeline, state, effects)
  const run: RunState = {
    ...state,
    compensation: 'begun',
    cancelRequested: true,
    inFlight: [...state.inFlight, UNDO_STEP],
    problem: { ...CANCELLED, message: reason },
  }
  const waits = await endWaits(run, effects)
  const undo = await startCompensation(run, effects)
  return {
    state: waits.state,
    parts: waits.parts,
    cancel,
    reply: { status: 'taken' },
    send: [...send, ...waits.send, undo],
  }
}

const RUN_OVER: Problem = { code: 'run_over', name: 'InvalidError', message: 'the run has ended', terminal: true }
const NOT_UNDOABLE: Problem = {
  code: 'no_undo',
  name: 'InvalidError',
  message: 'the run has not recorded the state before its steps: its pipeline does not set `on_failure: undo`',
  terminal: true,
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
