import { z } from 'zod'
import { problemOf } from '../../src/errors.ts'
import { retryUpTo } from '../../src/kernel/attempt/supervise.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import type { Actor, ActorRef, EffectClass } from '../../src/kernel/types.ts'

/** Adds, some sums with work; each is an event, a part and an index field; tells friends, or one often; ends in all ways. */
const counter = defineActor({
  kind: 'counter',
  message: z.object({
    add: z.number(),
    pass: z.number().default(0),
    friend: z.string().optional(),
    work: z.boolean().default(false),
    end: z.enum(['stop', 'fail', 'escalate']).optional(),
  }),
  initial: () => ({ total: 0 }),
  parent: (key) => ({ kind: 'watcher', key }),
  async receive(state, { add, pass, friend, work, end }, effects) {
    const total = state.total + add
    if (work) await effects.run('work', () => total)
    const name = `sum/${total % 3}`
    await effects.part(name)
    if (end === 'fail') throw new Error('it cannot be counted')
    return {
      state: { total },
      parts: { [name]: total % 4 === 0 ? null : total },
      events: [{ total }],
      index: { total },
      send: Array.from({ length: pass }, (_, n) => ({
        to: { kind: 'counter', key: friend ?? `${n}` },
        body: { add, work },
      })),
      reply: total,
      ...(end === 'stop' && { stop: true }),
      ...(end === 'escalate' && { escalate: problemOf(new Error('it counts no more')) }),
    }
  },
})

type RunState = {
  readonly open: readonly string[]
  readonly values: readonly string[]
  readonly asker: ActorRef | null
}
const runMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), steps: z.number(), effect: z.enum(['pure', 'idempotent', 'at-most-once']) }),
  z.object({ type: z.literal('step-end'), step: z.string(), value: z.string() }),
  z.object({ type: z.literal('late') }),
])

/** Some steps at once; answers when all have ended, or when it is called off. */
const run = defineActor<RunState, z.infer<typeof runMessage>>({
  kind: 'run',
  message: runMessage,
  initial: () => ({ open: [], values: [], asker: null }),
  receive(state, message, { self, message: { replyTo, correlationId } }) {
    if (message.type === 'late') throw new Error('a run was forgotten')
    if (message.type === 'start') {
      if (state.open.length > 0) return { refuse: { code: 'busy', name: 'TerminalError', message: 'it is under way' } }
      const open = Array.from({ length: message.steps }, (_, n) => `${self.key}.${correlationId}.${n}`)
      return {
        state: { open, values: [], asker: replyTo ?? null },
        index: running(open),
        send: open.map((key) => ({ to: { kind: 'step', key }, body: { effect: message.effect }, replyTo: self })),
        timers: { late: { delay: 36_000_000, body: { type: 'late' } } },
      }
    }
    const open = state.open.filter((key) => key !== message.step)
    const values = [...state.values, message.value]
    return open.length > 0 ? { state: { ...state, open, values }, index: running(open) } : answer(state.asker, values)
  },
  notice(state, notice) {
    if (notice.type === 'cancelled' || notice.type === 'stop') return answer(state.asker, notice.type)
    return notice.type === 'error' ? answer(state.asker, `failed ${notice.problem.code}`) : {}
  },
})

const running = ([first]: readonly string[]) => ({ status: 'running', waits: `step/${first}` })

const answer = (asker: ActorRef | null, body: string | readonly string[]) => ({
  state: { open: [], values: [], asker: null },
  events: [body],
  index: { status: 'completed' },
  timers: { late: null },
  send: asker ? [{ to: asker, body, type: 'response' as const }] : [],
})

/** Two effects, one after the other, and an answer; then it is gone. */
const step = defineActor({
  kind: 'step',
  message: z.object({ effect: z.enum(['pure', 'idempotent', 'at-most-once']) }),
  initial: () => ({}),
  supervise: retryUpTo(3),
  async receive(_state, { effect }: { effect: EffectClass }, effects) {
    const first = await effects.run('first', ({ attempt }) => `${effects.self.key}/${attempt}`, { effect })
    const value = await effects.run('second', () => `${first}!`)
    return { reply: { type: 'step-end', step: effects.self.key, value }, stop: true }
  },
})

/** Sets timers and cancels them; counts those that fire. */
const sleeper = defineActor({
  kind: 'sleeper',
  message: z.object({
    set: z.number().nullable().optional(),
    name: z.string().default('a'),
    fired: z.boolean().optional(),
  }),
  initial: () => ({ fired: 0 }),
  receive(state, { set, name, fired }) {
    if (fired) return { state: { fired: state.fired + 1 }, events: [{ fired: name }] }
    const timer = set === undefined || set === null ? null : { delay: set, body: { name, fired: true } }
    return { timers: { [name]: timer }, reply: state.fired }
  },
})

/** Hears when a counter is gone or has failed; may stop it. */
const watcher = defineActor({
  kind: 'watcher',
  message: z.object({ of: z.string(), stop: z.boolean() }),
  initial: () => ({ heard: 0 }),
  receive(_state, { of, stop }) {
    const to = { kind: 'counter', key: of }
    return stop ? { send: [{ to, body: null, type: 'stop' }], reply: null } : { watch: [to], reply: null }
  },
  notice: (state, { type }) => (type === 'cancelled' ? {} : { state: { heard: state.heard + 1 } }),
})

export const actors = (): readonly Actor[] => [counter, run, step, sleeper, watcher]
