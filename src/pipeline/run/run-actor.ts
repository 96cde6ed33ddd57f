import { type Problem, problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Envelope, Notice, Send, Turn } from '../../kernel/types.ts'
import { traceWithin } from '../../observe/traceparent.ts'
import { type Advance, advance, partsFor } from '../graph/advance.ts'
import type { RunEvent } from '../graph/draft.ts'
import { decodeStep } from '../plan/codec.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import { stepPartName } from '../plan/instance.ts'
import { type RunMessage, runMessageSchema, type UndoRun } from '../plan/messages/run.ts'
import type { RunStart } from '../plan/messages/run-start.ts'
import { failedEnd } from '../plan/messages/step-end.ts'
import { UNDO_STEP, type UndoStart } from '../plan/messages/step-start.ts'
import { createPartReader, type PartsByName, stepRef, type ValueStore } from '../plan/refs.ts'
import { isFinished, NEW_RUN, type RunState, runIndex, type StartPart } from '../plan/run-state.ts'
import { CANCELLED, callOffSteps, cancelRun, orGiveUp } from './cancel.ts'
import { takeRecursion } from './recursion.ts'
import { endWaits, takeAwait, takeBelow, takeSignal } from './signals.ts'
import { partsToStart, startStep } from './start-step.ts'

/** `run/<id>`: knows the graph of one execution and tells its steps what to read; their values it never sees. */
export function runActor({ values }: { readonly values: ValueStore }): Actor<RunState, RunMessage> {
  return defineActor<RunState, RunMessage>({
    kind: 'run',
    message: runMessageSchema,
    initial: () => NEW_RUN,
    receive(state, message, effects) {
      if (message.type === 'start') return begin(values, state, message, effects)
      if (message.type === 'cancel-rest') return cancelRun(values, state, effects, message)
      if (message.type === 'take-back') return takeBackRun(values, state, message, effects)
      if (message.type === 'expire') return expire(state)
      if (message.type === 'signal') return takeSignal(state, message, effects)
      if (message.type === 'await') return takeAwait(state, message, effects)
      if (message.type === 'below') return takeBelow(state, message)
      if (message.type === 'recursion') return takeRecursion(state, message, effects)
      // an end that cannot be taken comes again, as an error of its step
      if (effects.message.type === 'response') return takeEvent(values, state, message, effects)
      return takeOrGiveUp(values, state, message, effects)
    },
    notice(state, notice, effects) {
      return orGiveUp(state, effects, () => takeNotice(values, state, notice, effects))
    },
  })
}

async function begin(
  values: ValueStore,
  state: RunState,
  message: RunStart,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status !== 'new') return { refuse: TAKEN }
  const { type: _, pipeline, name, owner, detached, ...kept } = message
  const opening = open(values, pipeline)
  try {
    await opening
  } catch (error) {
    return { refuse: problemOf(error) }
  }
  const startedAt = timeOf(effects.message)
  const { replyTo } = effects.message
  const trace = traceWithin(effects.message.trace, effects.self.key)
  const start: StartPart = {
    ...kept,
    ...(replyTo && !detached && { replyTo }),
    ...(trace !== undefined && { trace }),
  }
  const run: RunState = { ...NEW_RUN, pipeline, name, startedAt, ...(owner !== undefined && { owner }) }
  const begun = await proceed(opening, run, { type: 'begin', start: start as Json }, effects)
  return detached ? { ...begun, reply: { status: 'started' } } : begun
}

const open = (values: ValueStore, pipeline: string) =>
  values.get(pipeline) as Promise<unknown> as Promise<CompiledPipeline>

/** When its message was sent, or due: what a turn stands on needs no journal. */
function timeOf({ createdAt, due = 0 }: Envelope): number {
  return Math.max(createdAt, due)
}

function expire(state: RunState): Turn<RunState> {
  return state.status === 'new' || isFinished(state) ? { reply: true, stop: true } : { reply: false }
}

const TAKEN: Problem = {
  code: 'run_exists',
  name: 'InvalidError',
  message: 'there is a run of that id already',
  terminal: true,
}

function takeEvent(
  values: ValueStore,
  state: RunState,
  event: RunEvent,
  effects: Effects,
): Turn<RunState> | Promise<Turn<RunState>> {
  if (state.status === 'new' || isFinished(state)) return {}
  return proceed(open(values, state.pipeline), state, event, effects)
}

function takeOrGiveUp(values: ValueStore, state: RunState, event: RunEvent, effects: Effects): Promise<Turn<RunState>> {
  return orGiveUp(state, effects, () => takeEvent(values, state, event, effects))
}

/** A step that could not even say how it ended has failed; who calls the run off calls off its steps. */
async function takeNotice(
  values: ValueStore,
  state: RunState,
  notice: Notice,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (notice.type === 'cancelled') return cancelRun(values, state, effects)
  if (notice.type !== 'error' || notice.from?.kind !== 'step') return {}
  // it was called off by the run itself
  if (state.calledOff && notice.problem.code === 'cancelled') return {}
  const step = notice.from.key.slice(effects.self.key.length + 1)
  return takeEvent(values, state, await failedEvent(step, notice.problem, effects), effects)
}

/** Those that were started along with it have not been told of either. */
async function failedEvent(step: string, problem: Problem, { part }: Effects): Promise<RunEvent> {
  const { beside = [] } = decodeStep(await part(stepPartName(step))) ?? {}
  if (beside.length === 0) return failedEnd(step, problem)
  const ends = [step, ...beside].map((one) => failedEnd(one, problem))
  return { type: 'group-end', of: step, ends, apart: [] }
}

/** One event through `advance`, and what it decided as a turn. */
async function proceed(
  opening: Promise<CompiledPipeline>,
  state: RunState,
  event: RunEvent,
  effects: Effects,
): Promise<Turn<RunState>> {
  const pipeline = await opening
  const read = createPartReader(effects)
  const given = read(partsFor(pipeline, state, event), NOTHING)
  const next = advance(pipeline, state, given instanceof Promise ? await given : given, event, timeOf(effects.message))
  const { run, parts, events } = next
  const reading = read(partsShown(pipeline, next), parts)
  const shown = reading instanceof Promise ? await reading : reading
  const send = sendsOf(pipeline, next, effects.self, shown)
  if (next.undo) send.push(await startUndo(run, effects))
  const turn = { state: run, parts, send, events }
  if (isFinished(run)) return endTurn(turn, shown.start!)
  if (run.problem) return endingTurn(turn, effects)
  return event.type === 'begin' ? { ...turn, index: runIndex(run, event.start) } : turn
}

const NOTHING: PartsByName = {}

/** The parts that its messages are made of: those that start steps, or the one that tells its end. */
function partsShown(pipeline: CompiledPipeline, { run, start }: Advance): readonly string[] {
  return isFinished(run) ? ['start'] : partsToStart(pipeline, start)
}

/** Nothing more is to start: what only waits for signals need not wait any longer. */
async function endingTurn(turn: Ending, effects: Effects): Promise<Turn<RunState>> {
  const { state, parts, send } = await endWaits(turn.state, effects)
  return { ...turn, state, parts: { ...turn.parts, ...parts }, send: [...turn.send, ...send] }
}

/** Called off, a run has its steps in flight called off and the others undone, and is over when that is done. */
async function takeBackRun(
  values: ValueStore,
  state: RunState,
  { reason }: UndoRun,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status === 'new' || isFinished(state)) return { refuse: OVER }
  const pipeline = (await values.get(state.pipeline)) as unknown as CompiledPipeline
  if (!pipeline.undoable) return { refuse: NOTHING_KEPT }
  if (state.undoes === 'done') return { reply: { status: 'taken' } }
  const { cancel, send } = await callOffSteps(pipeline, state, effects)
  const run: RunState = {
    ...state,
    ...{ undoes: 'done', calledOff: true, flying: [...state.flying, UNDO_STEP] },
    problem: { ...CANCELLED, message: reason },
  }
  const waits = await endWaits(run, effects)
  const undo = await startUndo(run, effects)
  return {
    ...{ state: waits.state, parts: waits.parts, cancel, reply: { status: 'taken' } },
    send: [...send, ...waits.send, undo],
  }
}

const OVER: Problem = { code: 'run_over', name: 'InvalidError', message: 'the run is over', terminal: true }
const NOTHING_KEPT: Problem = {
  code: 'no_undo',
  name: 'InvalidError',
  message: 'the run has not kept how things were before its steps: its pipeline does not say `on_failure: undo`',
  terminal: true,
}

/** Has a step of its own undo what the others did. */
async function startUndo({ pipeline, startedAt }: RunState, { self, part }: Effects): Promise<Send> {
  const { granted, untrusted } = (await part('start')) as unknown as StartPart
  const run = { id: self.key, startedAt }
  const reach = { ...(granted && { granted }), ...(untrusted && { untrusted }) }
  const body: UndoStart = { type: 'undo', pipeline, run, ...reach, from: 0 }
  return { to: stepRef(self.key, UNDO_STEP), body: body as unknown as Json, replyTo: self }
}

type Ending = Turn<RunState> & {
  readonly state: RunState
  readonly send: readonly Send[]
  readonly events: readonly Json[]
}

function sendsOf(pipeline: CompiledPipeline, next: Advance, self: ActorRef, shown: PartsByName): Send[] {
  const send: Send[] = next.again.map((body) => ({ to: self, body: body as Json, type: 'event' }))
  for (const start of next.start) send.push(startStep(pipeline, next.run, start, self, shown))
  return send
}

/** The end is told to whoever asked for the run, and to the lists. */
function endTurn(turn: Ending, start: Json): Turn<RunState> {
  const { replyTo } = start as unknown as StartPart
  const answer: Send[] = replyTo ? [{ to: replyTo, body: turn.events.at(-1)!, type: 'response' }] : []
  return { ...turn, send: [...turn.send, ...answer], index: runIndex(turn.state, start) }
}
