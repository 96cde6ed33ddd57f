import { scopeAwaited } from '../budget/waiting.ts'
import type { Problem } from '../errors.ts'
import { fitsIn } from '../kernel/limits.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Effects, Send, Turn } from '../kernel/types.ts'
import { partName } from './instance.ts'
import type { Await, Below, Signal } from './messages.ts'
import { stepIn } from './short.ts'
import { stepRef } from './start.ts'
import { isOver, type RunState, type StartPart } from './state.ts'
import { runRef } from './work/reads.ts'

/** The signals of a run, in part `signals`: those that came before anybody waited for them, and who waits for which. */
type Signals = {
  readonly kept: readonly Kept[]
  readonly waiting: { readonly [name: string]: readonly string[] }
}
type Kept = { readonly name: string; readonly value: Json }

type Written = NonNullable<Turn['parts']>

/** The part of a run that keeps its signals. */
export const SIGNALS = 'signals'
const NONE: Signals = { kept: [], waiting: {} }
/** What is kept of signals that nobody waits for yet, and characters of JSON of one and of all. */
const MOST = { kept: 100, value: 32 * 1024, all: 128 * 1024 } as const

const signalsOf = async (effects: Effects) => ((await effects.part(SIGNALS)) ?? NONE) as unknown as Signals

/** The names of signals, and of money, with the steps that wait for each, by what that part of a run says; some may have ended meanwhile. */
export function waitingIn(part: Json): readonly (readonly [name: string, steps: readonly string[]])[] {
  return Object.entries((part as unknown as Signals).waiting)
}

// a signal may have the name of what all maps have
function stepsFor(name: string, waiting: Signals['waiting']): readonly string[] {
  return Object.hasOwn(waiting, name) ? waiting[name]! : []
}

/** A signal goes to the first step that waits for it, which answers whether it will do; else it is kept. */
export async function takeSignal(state: RunState, { name, value }: Signal, effects: Effects): Promise<Turn<RunState>> {
  const { key: run } = effects.self
  if (state.status === 'new') return { refuse: unknown(run), stop: true }
  if (isOver(state)) return { refuse: over(run, state) }
  if (scopeAwaited(name) !== undefined) return { refuse: noSignal(name) }
  if (!fitsIn(value, MOST.value)) return { refuse: TOO_LARGE }
  const { kept, waiting } = await signalsOf(effects)
  const [step, ...others] = await stillWaiting(stepsFor(name, waiting), effects)
  const next = { ...waiting, [name]: others }
  if (step !== undefined)
    return { parts: written({ kept, waiting: next }), send: [passOn({ name, value }, step, effects)] }
  const more = [...kept, { name, value }]
  if (more.length > MOST.kept || !fitsIn(more, MOST.all)) return { refuse: FULL }
  return { parts: written({ kept: more, waiting: next }), reply: { status: 'kept' } }
}

/** One that waited until its time was over is still in the list. */
async function stillWaiting(steps: readonly string[], { part }: Effects): Promise<readonly string[]> {
  for (const [place, step] of steps.entries()) {
    if (stepIn(await part(partName(step)))?.status === 'running') return steps.slice(place)
  }
  return []
}

function passOn({ name, value }: Kept, step: string, { self, message }: Effects): Send {
  const { replyTo } = message
  const body: Signal = { type: 'signal', name, value }
  return { to: stepRef(self.key, step), body: body as Json, ...(replyTo && { replyTo }) }
}

/** A step waits for a signal: it gets the first that was kept for it; else it is listed, and all who follow the run are told. */
export async function takeAwait(state: RunState, asked: Await, effects: Effects): Promise<Turn<RunState>> {
  if (state.status === 'new' || isOver(state)) return {}
  const { step, name } = asked
  if (state.problem) return { send: [off(effects.self, step)] }
  const { kept, waiting } = await signalsOf(effects)
  const place = kept.findIndex((one) => one.name === name)
  if (place >= 0)
    return { parts: written({ kept: kept.toSpliced(place, 1), waiting }), send: [passOn(kept[place]!, step, effects)] }
  const listed = [...stepsFor(name, waiting), step]
  const { above } = (await effects.part('start')) as unknown as StartPart
  return {
    parts: written({ kept, waiting: { ...waiting, [name]: listed } }),
    events: [{ type: 'signal-wait', step, signal: name, title: asked.title }],
    send: above ? [tellAbove(above.root, asked, effects)] : [],
  }
}

/** Whoever follows the run at the top hears of all that waits below it. */
function tellAbove(root: string, { step, name, title }: Await, { self }: Effects): Send {
  const body: Below = { type: 'below', run: self.key, step, name, title }
  return { to: runRef(root), body: body as Json, type: 'event', correlationId: root }
}

/** A step of a run below waits for a signal. */
export function takeBelow(state: RunState, { run, step, name, title }: Below): Turn<RunState> {
  if (state.status === 'new' || isOver(state)) return {}
  return { events: [{ type: 'signal-wait', run, step, signal: name, title }] }
}

/** How many steps one turn tells that nothing more is waited for. */
const CHUNK = 100

/** Of a run that has failed what only waits for signals is ended, or it would never be over. */
export async function endWaits(effects: Effects): Promise<{ readonly parts: Written; readonly send: readonly Send[] }> {
  const { waiting } = await signalsOf(effects)
  const steps = Object.entries(waiting).flatMap(([name, ids]) => ids.map((id) => ({ name, id })))
  if (steps.length === 0) return { parts: {}, send: [] }
  const left = Object.groupBy(steps.slice(CHUNK), ({ name }) => name)
  const rest = Object.fromEntries(Object.entries(left).map(([name, ids = []]) => [name, ids.map(({ id }) => id)]))
  return {
    parts: written({ kept: [], waiting: rest }),
    send: steps.slice(0, CHUNK).map(({ id }) => off(effects.self, id)),
  }
}

function off(run: ActorRef, step: string): Send {
  return { to: stepRef(run.key, step), body: { type: 'off' } }
}

function written({ kept, waiting }: Signals): Written {
  const some = Object.entries(waiting).filter(([, steps]) => steps.length > 0)
  const isEmpty = kept.length === 0 && some.length === 0
  return { [SIGNALS]: isEmpty ? null : ({ kept, waiting: Object.fromEntries(some) } as Json) }
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
