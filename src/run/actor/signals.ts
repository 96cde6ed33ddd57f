import { busyProblem, type Problem, refusal } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { isCallSignal } from '../../step/messages/call-decision.ts'
import { gateOf } from '../../step/messages/call-names.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import { type AwaitSignal, receiptOf, type Signal } from '../../step/messages/signal.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import { CODE_WAIT, scopeAwaited } from '../../work/wait.ts'
import type { RunEvent } from '../event.ts'
import type { Judging } from '../language.ts'
import type { ChildAwaitSignal, ChildGoalWait } from '../messages.ts'
import { isFinished, type RunHead } from '../run.ts'
import { answerRepeated, noteJudged, remember, reserveRoom } from './signals-at-steps.ts'
import { dequeueWait, dequeueWaits, enqueueWait, noteUnderWay, waitsPartName } from './waits.ts'
import { tellAbove, tellWatcher } from './watch.ts'

/**
 * A signal that arrived before a step waited for it. Part `signals` lists them, oldest first. `pending`: the place of a
 * signal that a withdrawn wait still judges.
 */
type KeptSignal = Omit<Signal, 'type'> & { readonly pending?: string }

const SIGNALS_PART = 'signals'
/** How many signals are kept, and the characters of JSON of one and of all. */
const SIGNAL_LIMITS = { kept: 100, value: 32 * 1024, all: 128 * 1024 } as const

type ReadsPart = Pick<Effects, 'part'>
const readKeptSignals = async ({ part }: ReadsPart) => ((await part(SIGNALS_PART)) ?? []) as readonly KeptSignal[]

/** Forwards a signal to the first step that waits for it, which accepts or refuses it; without one, keeps it. */
export async function handleSignal(
  state: RunHead,
  { type: _, ...given }: Signal,
  effects: Effects,
  judging?: Judging,
): Promise<Turn<RunHead>> {
  const signal = given.by ? { ...given, at: effects.message.createdAt } : given
  const { name, value } = signal
  const { key: run } = effects.self
  if (state.status === 'new') return { refuse: unknownRun(run), stop: true }
  const repeated = await answerRepeated(signal, effects.part)
  if (repeated) return repeated as Turn<RunHead>
  if (isFinished(state)) return { refuse: runIsOver(run, state) }
  if (scopeAwaited(name) !== undefined) return { refuse: notASignal(name) }
  if (name === CODE_WAIT) return { refuse: CODE_IS_NO_SIGNAL }
  if (!isWithinSize(value, SIGNAL_LIMITS.value)) return { refuse: SIGNAL_TOO_LARGE }
  const known = await readKeptSignals(effects)
  // one before it may come back from a withdrawn wait
  const isBehind = known.some((one) => one.name === name && one.pending !== undefined)
  const wait = isBehind ? { parts: {} } : await dequeueWait(name, effects.part)
  const { parts, step = isBehind ? undefined : await judgingStep(name, effects, judging) } = wait
  if (step !== undefined) {
    const taken = isOfOneStep(name, step) && { [takenPart(name)]: step }
    const sent = await forwardSignal(judging, signal, step, effects)
    return { parts: { ...parts, ...taken, ...sent.parts }, send: [sent.send] }
  }
  // if there are several answers to one question, the first one counts
  if ((await effects.part(takenPart(name))) !== undefined) return { parts, reply: receiptOf('late', signal) }
  // a person decides only about a call that is shown
  if (isCallSignal(name)) return { parts, refuse: notWaiting(name) }
  const { again: _again, ...arrived } = signal
  const stored = [...known, arrived]
  if (stored.length > SIGNAL_LIMITS.kept || !isWithinSize(stored, SIGNAL_LIMITS.all))
    return { refuse: TOO_MANY_SIGNALS }
  const sender = await remember(signal, undefined, effects.part)
  return { parts: { ...parts, ...sender, [SIGNALS_PART]: stored }, reply: receiptOf('kept', signal) }
}

/** Whether only this step waits for that signal, so that nothing takes a second answer. */
const isOfOneStep = (name: string, step: string) => name === step || name === gateOf(step) || isCallSignal(name)

/** The part of a run that marks that a step has an answer to the signal, and does not wait for another one. */
export const takenPart = (name: string) => `taken/${name}`

/**
 * The wait whose code judges an answer at the moment: it may refuse that one, and judges the next in its turn.
 * A step of another run may be at work with the answer.
 */
async function judgingStep(name: string, { part }: Effects, judging: Judging | undefined): Promise<string | undefined> {
  if (!judging || (await part(takenPart(name))) !== name) return undefined
  return decodeStep(await part(stepPartName(name)))?.status === 'running' ? name : undefined
}

async function forwardSignal(
  judging: Judging | undefined,
  { again: _, ...signal }: KeptSignal,
  step: string,
  { self, message, part }: Effects,
) {
  const { replyTo } = message
  const reserved = judging && (await reserveRoom(step, signal.value, judging.isStopped, part))
  const body: Signal = { type: 'signal', ...signal, ...(reserved && { room: reserved.room }) }
  const send: Send = { to: stepRef(self.key, step), body, ...(replyTo && { replyTo }) }
  const noted = judging && (await noteUnderWay(step, signal, part))
  return { send, parts: { ...reserved?.parts, ...(await remember(signal, step, part)), ...noted } }
}

/** A step waits for a signal. It gets the oldest kept one of that name, or else the wait is listed and published. */
export async function handleAwait(
  state: RunHead,
  asked: AwaitSignal,
  effects: Effects,
  judging?: Judging,
): Promise<Turn<RunHead>> {
  if (state.status === 'new' || isFinished(state)) return {}
  const { step, name, title, unmade, url, tries, parked, lacksCode } = asked
  const facts = await noteJudged(asked, effects.part)
  // its run has dropped it in the meantime: it takes no signal
  if (state.problem || decodeStep(await effects.part(stepPartName(step)))?.status !== 'running')
    return { parts: facts, send: [stopWaiting(effects.self, step)] }
  const stored = await readKeptSignals(effects)
  // a step whose code is not here judges no other signal
  const first = parked?.waits ? -1 : stored.findIndex((one) => one.name === name)
  const place = stored[first]?.pending === undefined ? first : -1
  const waitOfStep = { type: 'signal-wait', step, signal: name, title, ...(tries && { tries }) } satisfies RunEvent
  if (place >= 0) {
    const sent = await forwardSignal(judging, stored[place]!, step, effects)
    return {
      parts: { ...facts, ...sent.parts, ...keptSignalsPart(stored.toSpliced(place, 1)) },
      send: [sent.send],
      ...(tries && { events: [waitOfStep] }),
    }
  }
  const isListed = judging && name === step && (await effects.part(waitsPartName(name))) !== undefined
  const wait = { name, step, ...(unmade && { unmade }), ...(url && { url }) }
  // it may have judged two answers, and waits once
  const { parts, waits } = isListed ? { parts: {}, waits: state.waits! } : await enqueueWait(state, wait, effects.part)
  if (isOfOneStep(name, step) && (await effects.part(takenPart(name))) !== undefined)
    Object.assign(parts, { [takenPart(name)]: null })
  const note: ChildAwaitSignal = { type: 'child-await', run: effects.self.key, step, name, title }
  // its function finds out that the code does not fit, and the run says so
  const look: Send = { to: effects.self, body: { type: 'code' }, type: 'event' }
  return {
    state: { ...state, waits },
    parts: { ...facts, ...parts, ...(judging && (await noteUnderWay(step, undefined, effects.part))) },
    events: [waitOfStep],
    send: [
      ...(await tellAbove(note, effects)),
      ...(await tellWatcher(state, effects)),
      ...(lacksCode && judging ? [look] : []),
    ],
  }
}

/** A step of a child run waits for a signal, or the goal of an agent below for a person. */
export async function handleChildWait(
  state: RunHead,
  note: ChildAwaitSignal | ChildGoalWait,
  effects: Effects,
): Promise<Turn<RunHead>> {
  if (state.status === 'new' || isFinished(state)) return {}
  const send = [...(await tellAbove(note, effects)), ...(await tellWatcher(state, effects))]
  return { events: [waitEvent(note)], send }
}

function waitEvent(note: ChildAwaitSignal | ChildGoalWait): RunEvent {
  if (note.type === 'goal-wait') return note
  const { run, step, name, title } = note
  return { type: 'signal-wait', run, step, signal: name, title }
}

const MAX_WAITS_PER_TURN = 100

/**
 * Ends the waits of a failed run so that it can finish. Each step that ends brings the next turn. `settles`: the call
 * of the step may have been made, and a person still says whether it was.
 */
export async function endWaits<State extends RunHead>(
  state: State,
  effects: Effects,
  {
    keepsSignals = false,
    most = MAX_WAITS_PER_TURN,
    settles = () => false,
  }: { keepsSignals?: boolean; most?: number; settles?(step: string): boolean } = {},
): Promise<Required<Pick<Turn<State>, 'parts' | 'send'>> & { readonly state: State }> {
  if (!state.waits) return { state, parts: {}, send: [] }
  const stays = (wait: { readonly name: string; readonly step: string; readonly unmade?: true }) =>
    settles(wait.step) && isCallSignal(wait.name) && !wait.unmade
  const { parts, steps, waits } = await dequeueWaits(state, most, effects.part, stays)
  const { waits: _, ...others } = state
  return {
    state: waits.head < waits.tail ? { ...state, waits } : (others as State),
    parts: keepsSignals ? parts : { ...parts, ...keptSignalsPart([]) },
    send: steps.map((step) => stopWaiting(effects.self, step)),
  }
}

/** The places of signals that withdrawn waits judge: signals that came later stay behind them. */
export async function holdPlaces(
  waits: readonly { readonly step: string; readonly name: string }[],
  effects: ReadsPart,
) {
  const places = waits.map(({ step, name }): KeptSignal => ({ name, value: null, pending: step }))
  return keptSignalsPart([...places, ...(await readKeptSignals(effects))])
}

/** A withdrawn wait has ended. The signal that it took goes to the next wait of its name, and others follow. */
export async function giveBack(judging: Judging, wait: string, signal: KeptSignal | undefined, effects: Effects) {
  const known = await readKeptSignals(effects)
  const name = known.find(({ pending }) => pending === wait)?.name
  let left = known.flatMap((one) => (one.pending !== wait ? [one] : signal ? [signal] : []))
  const parts: { [part: string]: Json | null } = {}
  const send: Send[] = []
  const part: Effects['part'] = async (one) => (one in parts ? (parts[one] ?? undefined) : effects.part(one))
  while (name !== undefined) {
    const place = left.findIndex((one) => one.name === name)
    if (left[place]?.pending !== undefined || place < 0) break
    const next = await dequeueWait(name, part)
    Object.assign(parts, next.parts)
    if (next.step === undefined) break
    const sent = await forwardSignal(judging, left[place]!, next.step, { ...effects, part })
    Object.assign(parts, sent.parts)
    send.push(sent.send)
    left = left.toSpliced(place, 1)
  }
  return { parts: { ...parts, ...keptSignalsPart(left) }, send }
}

const stopWaiting = (run: ActorRef, step: string): Send => ({ to: stepRef(run.key, step), body: { type: 'off' } })

function keptSignalsPart(signals: readonly KeptSignal[]): NonNullable<Turn['parts']> {
  return { [SIGNALS_PART]: signals.length === 0 ? null : signals }
}

function unknownRun(run: string): Problem {
  return { code: 'not_found', name: 'NotFoundError', message: `there is no run ${run}`, terminal: true }
}

function notASignal(name: string): Problem {
  const hint = `antiphon budget raise ${scopeAwaited(name)} DOLLARS`
  return refusal({ code: 'invalid_input', message: `${name} is a budget, not a signal`, hint })
}

const CODE_IS_NO_SIGNAL: Problem = refusal({
  code: 'invalid_input',
  message: `expected a signal that the run waits for, got ${CODE_WAIT}: the run waits for the code of a tool`,
  hint: 'The step continues when a process with the code opens the data folder.',
})

function notWaiting(name: string): Problem {
  return refusal({
    code: 'not_waiting',
    message: `nothing waits for the answer ${name.slice(0, 200)}`,
    hint: 'To see what waits: antiphon inbox',
  })
}

const SIGNAL_TOO_LARGE: Problem = refusal({
  code: 'too_large',
  message: `the value of a signal may have at most ${SIGNAL_LIMITS.value / 1024} KiB`,
})
const TOO_MANY_SIGNALS = busyProblem(
  `the run already keeps ${SIGNAL_LIMITS.kept} signals, or ${SIGNAL_LIMITS.all / 1024} KiB, that no step waits for`,
)

function runIsOver(run: string, { status }: RunHead): Problem {
  return refusal({
    code: 'run_over',
    message: `the run ${run} has ended: it is ${status}`,
    hint: `Nothing more can be answered in it. To see it: antiphon show ${run}`,
  })
}
