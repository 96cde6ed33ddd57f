import { scopeAwaited } from '../../budget/waiting.ts'
import type { Problem } from '../../errors.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import type { AwaitSignal, ChildAwaitSignal, Signal } from '../plan/messages/run.ts'
import { runRef, stepRef } from '../plan/refs.ts'
import { isFinished, type RunState, type StartPart } from '../plan/run-state.ts'
import { addWait, takeWait, takeWaits } from './waits.ts'

/** The signals that came before any step waited for them, in part `signals`, the oldest first. */
type Kept = { readonly name: string; readonly value: Json }

const SIGNALS = 'signals'
/** How many signals are kept, and characters of JSON of one and of all. */
const MOST = { kept: 100, value: 32 * 1024, all: 128 * 1024 } as const

const keptIn = async ({ part }: Effects) => ((await part(SIGNALS)) ?? []) as unknown as readonly Kept[]

/** A signal goes to the first step that waits for it, which answers whether it will do; else it is kept. */
export async function takeSignal(state: RunState, { name, value }: Signal, effects: Effects): Promise<Turn<RunState>> {
  const { key: run } = effects.self
  if (state.status === 'new') return { refuse: unknown(run), stop: true }
  if (isFinished(state)) return { refuse: over(run, state) }
  if (scopeAwaited(name) !== undefined) return { refuse: noSignal(name) }
  if (!isWithinSize(value, MOST.value)) return { refuse: TOO_LARGE }
  const { parts, step } = await takeWait(name, effects.part)
  if (step !== undefined) return { parts, send: [passOn({ name, value }, step, effects)] }
  const kept = [...(await keptIn(effects)), { name, value }]
  if (kept.length > MOST.kept || !isWithinSize(kept, MOST.all)) return { refuse: FULL }
  return { parts: { ...parts, [SIGNALS]: kept }, reply: { status: 'kept' } }
}

function passOn({ name, value }: Kept, step: string, { self, message }: Effects): Send {
  const { replyTo } = message
  const body: Signal = { type: 'signal', name, value }
  return { to: stepRef(self.key, step), body: body as Json, ...(replyTo && { replyTo }) }
}

/** A step waits for a signal: it gets the first that was kept for it; else it is listed, and all who follow the run are told. */
export async function takeAwait(state: RunState, asked: AwaitSignal, effects: Effects): Promise<Turn<RunState>> {
  if (state.status === 'new' || isFinished(state)) return {}
  const { step, name } = asked
  if (state.problem) return { send: [off(effects.self, step)] }
  const kept = await keptIn(effects)
  const place = kept.findIndex((one) => one.name === name)
  if (place >= 0) return { parts: written(kept.toSpliced(place, 1)), send: [passOn(kept[place]!, step, effects)] }
  const { parts, waits } = await addWait(state, { name, step }, effects.part)
  const { above } = (await effects.part('start')) as unknown as StartPart
  return {
    ...{ state: { ...state, waits }, parts },
    events: [{ type: 'signal-wait', step, signal: name, title: asked.title }],
    send: above ? [tellAbove(above.root, asked, effects)] : [],
  }
}

/** Whoever follows the run at the top hears of all that waits below it. */
function tellAbove(root: string, { step, name, title }: AwaitSignal, { self }: Effects): Send {
  const body: ChildAwaitSignal = { type: 'below', run: self.key, step, name, title }
  return { to: runRef(root), body: body as Json, type: 'event', correlationId: root }
}

/** A step of a run below waits for a signal. */
export function takeBelow(state: RunState, { run, step, name, title }: ChildAwaitSignal): Turn<RunState> {
  if (state.status === 'new' || isFinished(state)) return {}
  return { events: [{ type: 'signal-wait', run, step, signal: name, title }] }
}

/** How many steps one turn tells that nothing more is waited for. */
const CHUNK = 100

/** The waits of a run that has failed end, or it would never be over; each step that ends so brings the next turn. */
export async function endWaits(
  state: RunState,
  effects: Effects,
): Promise<Required<Pick<Turn<RunState>, 'state' | 'parts' | 'send'>>> {
  if (!state.waits) return { state, parts: {}, send: [] }
  const { parts, steps, waits } = await takeWaits(state, CHUNK, effects.part)
  const { waits: _, ...others } = state
  return {
    state: waits.head < waits.tail ? { ...state, waits } : others,
    parts: { ...parts, ...written([]) },
    send: steps.map((step) => off(effects.self, step)),
  }
}

function off(run: ActorRef, step: string): Send {
  return { to: stepRef(run.key, step), body: { type: 'off' } }
}

function written(kept: readonly Kept[]): NonNullable<Turn['parts']> {
  return { [SIGNALS]: kept.length === 0 ? null : (kept as Json) }
}

function unknown(run: string): Problem {
  return { code: 'not_found', name: 'NotFoundError', message: `there is no run ${run}`, terminal: true }
}

function noSignal(name: string): Problem {
  const hint = `antiphon budget raise ${scopeAwaited(name)} DOLLARS`
  return {
    code: 'invalid_input',
    name: 'InvalidError',
    message: `${name} is no signal, it is money`,
    hint,
    terminal: true,
  }
}

const TOO_LARGE: Problem = {
  code: 'too_large',
  name: 'InvalidError',
  message: `the value of a signal may have ${MOST.value / 1024} KiB at most`,
  terminal: true,
}
const FULL: Problem = {
  code: 'busy',
  name: 'BusyError',
  message: `the run keeps ${MOST.kept} signals, or ${MOST.all / 1024} KiB of them, that nobody waits for yet`,
}

function over(run: string, { status }: RunState): Problem {
  return { code: 'run_over', name: 'InvalidError', message: `the run ${run} is over: it is ${status}`, terminal: true }
}
