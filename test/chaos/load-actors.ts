import { appendFileSync } from 'node:fs'
import { z } from 'zod'
import { defineActor } from '../../src/kernel/turn.ts'
import type { ActorRef } from '../../src/kernel/types.ts'

/** Adds, and replies with the sum. */
export const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
})

export const STEPS = 4

const runMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start') }),
  z.object({ type: z.literal('step-end'), value: z.string() }),
])
type RunState = { readonly values: readonly string[]; readonly asker: ActorRef | null }

/** STEPS steps, one after another; replies with what their effects gave. */
export const run = defineActor<RunState, z.infer<typeof runMessage>>({
  kind: 'run',
  message: runMessage,
  initial: () => ({ values: [], asker: null }),
  receive(state, message, effects) {
    const next =
      message.type === 'start'
        ? { values: [], asker: effects.message.replyTo ?? null }
        : { ...state, values: [...state.values, message.value] }
    if (next.values.length < STEPS) {
      const step = { kind: 'step', key: `${effects.self.key}.${next.values.length}` }
      return {
        state: next,
        parts: { [`value/${next.values.length}`]: next.values.at(-1) ?? null },
        send: [{ to: step, body: next.values.at(-1) ?? null, replyTo: effects.self }],
      }
    }
    const reply = next.asker ? [{ to: next.asker, body: next.values, type: 'response' as const }] : []
    return { state: next, send: reply, events: [{ type: 'run-end' }], index: { status: 'completed' } }
  },
})

/** One effect, that takes a while every other time: a line in a file no engine knows of, with what the step was given. */
export const stepOf = (ledger: string) =>
  defineActor({
    kind: 'step',
    message: z.string().nullable(),
    initial: () => null,
    async receive(_state, given, effects) {
      const value = await effects.run('execute', async ({ idempotencyKey }) => {
        if (Math.random() < 0.5) await new Promise((resolve) => setTimeout(resolve, Math.random() * 8))
        const nonce = crypto.randomUUID().slice(0, 8)
        appendFileSync(ledger, `${effects.self.key} ${nonce} ${idempotencyKey} ${given}\n`)
        return nonce
      })
      return { reply: { type: 'step-end', value }, stop: true }
    },
  })
