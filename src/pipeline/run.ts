import { type Problem, problemOf } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Envelope, Notice, Send, Turn } from '../kernel/types.ts'
import { traceWithin } from '../observe/traceparent.ts'
import { type Advance, advance, partsFor, type RunEvent } from './advance.ts'
import { CANCELLED, callOffSteps, cancelRun } from './cancel.ts'
import type { CompiledPipeline } from './compiled.ts'
import { orGiveUp } from './give-up.ts'
import { partName } from './instance.ts'
import { type RunMessage, type RunStart, runMessage, type TakeBack } from './messages.ts'
import { openParts, type PartReader } from './parts.ts'
import { takeRecursion } from './recursion.ts'
import { stepIn } from './short.ts'
import { endWaits, takeAwait, takeBelow, takeSignal } from './signals.ts'
import { partsToStart, startStep, stepRef } from './start.ts'
import { indexOf, isOver, NEW_RUN, type RunState, type StartPart } from './state.ts'
import type { UndoStart } from './undo.ts'
import { UNDO } from './undone.ts'
import type { Values } from './values.ts'
import { failedEnd } from './walk.ts'

/** `run/<id>`: knows the graph of one execution and tells its steps what to read; their values it never sees. */
export function runActor({ values }: { readonly values: Values }): Actor<RunState, RunMessage> {
  return defineActor<RunState, RunMessage>({
    kind: 'run',
    message: runMessage,
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
      const take = () => takeEvent(values, state, message, effects)
      // an end that cannot be taken comes again, as an error of its step
      return effects.message.type === 'response' ? take() : orGiveUp(state, effects, take)
    },
    notice(state, notice, effects) {
      return orGiveUp(state, effects, () => takeNotice(values, state, notice, effects))
    },
  })
}

async function begin(values: Values, state: RunState, message: RunStart, effects: Effects): Promise<Turn<RunState>> {
  if (state.status !== 'new') return { refuse: TAKEN }
  const { type: _, pipeline, name, owner, detached, ...kept } = message
  const lost = await missing(values, pipeline)
  if (lost) return { refuse: lost }
  const startedAt = timeOf(effects.message)
  const { replyTo } = effects.message
  const trace = traceWithin(effects.message.trace, effects.self.key)
  const start: StartPart = {
    ...kept,
    ...(replyTo && !detached && { replyTo }),
    ...(trace !== undefined && { trace }),
  }
  const begun = await proceed(
    values,
    { ...NEW_RUN, pipeline, name, startedAt, ...(owner !== undefined && { owner }) },
    { type: 'begin' },
    effects,
    openParts(effects, { start: start as Json }),
  )
  return detached ? { ...begun, reply: { status: 'started' } } : begun
}

/** When its message was sent, or due: what a turn stands on needs no journal. */
function timeOf({ createdAt, due = 0 }: Envelope): number {
  return Math.max(createdAt, due)
}

function expire(state: RunState): Turn<RunState> {
  return state.status === 'new' || isOver(state) ? { reply: true, stop: true } : { reply: false }
}

async function missing(values: Values, pipeline: string): Promise<Problem | undefined> {
  try {
    await values.get(pipeline)
    return undefined
  } catch (error) {
    return problemOf(error)
  }
}

const TAKEN: Problem = {
  code: 'run_exists',
  name: 'InvalidError',
  message: 'there is a run of that id already',
  terminal: true,
}

async function takeEvent(values: Values, state: RunState, event: RunEvent, effects: Effects): Promise<Turn<RunState>> {
  if (state.status === 'new' || isOver(state)) return {}
  return proceed(values, state, event, effects, openParts(effects))
}

/** A step that could not even say how it ended has failed; who calls the run off calls off its steps. */
async function takeNotice(values: Values, state: RunState, notice: Notice, effects: Effects): Promise<Turn<RunState>> {
  if (notice.type === 'cancelled') return cancelRun(values, state, effects)
  if (notice.type !== 'error' || notice.from?.kind !== 'step') return {}
  // it was called off by the run itself
  if (state.calledOff && notice.problem.code === 'cancelled') return {}
  const step = notice.from.key.slice(effects.self.key.length + 1)
  return takeEvent(values, state, await failedEvent(step, notice.problem, effects), effects)
}

/** Those that were started along with it have not been told of either. */
async function failedEvent(step: string, problem: Problem, { part }: Effects): Promise<RunEvent> {
  const { beside = [] } = stepIn(await part(partName(step))) ?? {}
  if (beside.length === 0) return failedEnd(step, problem)
  const ends = [step, ...beside].map((one) => failedEnd(one, problem))
  return { type: 'group-end', of: step, ends, apart: [] }
}

/** One event through `advance`, and what it decided as a turn. */
async function proceed(
  values: Values,
  state: RunState,
  event: RunEvent,
  effects: Effects,
  parts: PartReader,
): Promise<Turn<RunState>> {
  const pipeline = (await values.get(state.pipeline)) as unknown as CompiledPipeline
  const given = await parts.read(partsFor(pipeline, state, event))
  const next = advance(pipeline, state, given, event, timeOf(effects.message))
  parts.write(next.parts)
  const send = await sendsOf(pipeline, next, effects, parts)
  const undo = next.undo ? [await startUndo(next.run, effects)] : []
  const turn = { state: next.run, parts: parts.written, send: [...send, ...undo], events: next.events }
  if (isOver(next.run)) return endTurn(turn, next, effects, parts)
  if (next.run.problem) return endingTurn(turn, effects)
  return event.type === 'begin' ? { ...turn, index: indexOf(next.run, parts.written.start!) } : turn
}

/** Nothing more is to start: what only waits for signals need not wait any longer. */
async function endingTurn(turn: Ending, effects: Effects): Promise<Turn<RunState>> {
  const waits = await endWaits(effects)
  return { ...turn, parts: { ...turn.parts, ...waits.parts }, send: [...turn.send, ...waits.send] }
}

/** Called off, a run has its steps in flight called off and the others undone, and is over when that is done. */
async function takeBackRun(
  values: Values,
  state: RunState,
  { reason }: TakeBack,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status === 'new' || isOver(state)) return { refuse: OVER }
  const pipeline = (await values.get(state.pipeline)) as unknown as CompiledPipeline
  if (!pipeline.undoable) return { refuse: NOTHING_KEPT }
  if (state.undoes === 'done') return { reply: { status: 'taken' } }
  const { cancel, send } = await callOffSteps(pipeline, state, effects)
  const run: RunState = {
    ...state,
    ...{ undoes: 'done', calledOff: true, flying: [...state.flying, UNDO] },
    problem: { ...CANCELLED, message: reason },
  }
  const waits = await endWaits(effects)
  const undo = await startUndo(run, effects)
  return {
    ...{ state: run, parts: waits.parts, cancel, reply: { status: 'taken' } },
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
  return { to: stepRef(self.key, UNDO), body: body as unknown as Json, replyTo: self }
}

async function sendsOf(
  pipeline: CompiledPipeline,
  next: Advance,
  { self }: Effects,
  parts: PartReader,
): Promise<Send[]> {
  const again: Send[] = next.again.map((body) => ({ to: self, body: body as Json, type: 'event' }))
  const shown = await parts.read(next.start.flatMap((start) => partsToStart(pipeline, start)))
  return [...again, ...next.start.map((start) => startStep(pipeline, next.run, start, self, shown))]
}

type Ending = Turn<RunState> & { readonly send: readonly Send[] }

/** The end is told to whoever asked for the run, and to the lists. */
async function endTurn(
  turn: Ending,
  { events, ...next }: Advance,
  effects: Effects,
  parts: PartReader,
): Promise<Turn<RunState>> {
  const { start } = await parts.read(['start'])
  const { replyTo } = start as unknown as StartPart
  const run: RunState = { ...next.run, finishedAt: timeOf(effects.message) }
  const answer: Send[] = replyTo ? [{ to: replyTo, body: events.at(-1)!, type: 'response' }] : []
  return { ...turn, state: run, send: [...turn.send, ...answer], index: indexOf(run, start) }
}
