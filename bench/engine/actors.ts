import { z } from 'zod'
import { defineActor } from '../../src/kernel/turn.ts'
import type { Actor, ActorRef, EffectClass, Send, Turn } from '../../src/kernel/types.ts'

/** Adds, and replies with the sum. */
export const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
})

/** How many steps the runs below have. */
export const STEPS = { run: 10, fanOut: 1000 } as const

/** Ten effects in one turn, one after another; replies with what the last one made. */
export const effects = defineActor({
  kind: 'effects',
  message: z.object({ type: z.literal('start') }),
  initial: () => ({ value: 0 }),
  async receive(_state, _message, effects) {
    let value = 0
    for (let n = 0; n < STEPS.run; n++) value = await effects.run(`step-${n}`, () => value + 1)
    return { state: { value }, reply: value }
  },
})

const runMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start') }),
  z.object({ type: z.literal('continue') }),
  z.object({ type: z.literal('step-end'), value: z.number() }),
])
type RunMessage = z.infer<typeof runMessage>
type RunState = { readonly started: number; readonly ended: number; readonly asker: ActorRef | null }

const NEW: RunState = { started: 0, ended: 0, asker: null }
const stepAt = (run: ActorRef, n: number, value: number): Send => ({
  to: { kind: 'step', key: `${run.key}.${n}` },
  body: { value },
  replyTo: run,
})

/** Ten steps, one after another; each is given what the one before made; replies with what the last one made. */
export const run = defineActor<RunState, RunMessage>({
  kind: 'run',
  message: runMessage,
  initial: () => NEW,
  receive(state, message, { self, message: { replyTo } }) {
    const next = message.type === 'start' ? { ...NEW, asker: replyTo ?? null } : { ...state, ended: state.ended + 1 }
    const value = message.type === 'step-end' ? message.value : 0
    if (next.ended === STEPS.run) return answer(next, value)
    return { state: { ...next, started: next.started + 1 }, send: [stepAt(self, next.ended, value)] }
  },
})

const PORTION = 255

/** A thousand steps, all at once; replies with how many ended. A turn may send 256 messages, so it continues by one to itself. */
export const fanOut = defineActor<RunState, RunMessage>({
  kind: 'fan-out',
  message: runMessage,
  initial: () => NEW,
  receive(state, message, { self, message: { replyTo } }) {
    if (message.type === 'start') return startPortion({ ...NEW, asker: replyTo ?? null }, self)
    if (message.type === 'continue') return startPortion(state, self)
    const next = { ...state, ended: state.ended + 1 }
    return next.ended === STEPS.fanOut ? answer(next, next.ended) : { state: next }
  },
})

function startPortion(state: RunState, self: ActorRef): Turn<RunState> {
  const started = Math.min(state.started + PORTION, STEPS.fanOut)
  const steps = Array.from({ length: started - state.started }, (_, n) => stepAt(self, state.started + n, 0))
  const again: Send[] = started < STEPS.fanOut ? [{ to: self, body: { type: 'continue' }, type: 'event' }] : []
  return { state: { ...state, started }, send: [...steps, ...again] }
}

function answer(state: RunState, value: number): Turn<RunState> {
  return { state, send: state.asker ? [{ to: state.asker, body: value, type: 'response' }] : [] }
}

/** One step: one journaled effect of that class, and gone. */
export function stepOf(effect: EffectClass, work: (value: number) => number | Promise<number>): Actor {
  return defineActor({
    kind: 'step',
    message: z.object({ value: z.number() }),
    initial: () => null,
    async receive(_state, message, effects) {
      const value = await effects.run('execute', () => work(message.value), { effect })
      return { reply: { type: 'step-end', value }, stop: true }
    },
  })
}
