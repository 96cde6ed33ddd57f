import { createRuntime, defineActor, loadConfig, retryUpTo } from 'antiphon'
import { z } from 'zod'

const order = defineActor({
  kind: 'order',
  message: z.discriminatedUnion('type', [
    z.object({ type: z.literal('pay'), amount: z.number() }),
    z.object({ type: z.literal('remind') }),
  ]),
  initial: () => ({ paid: 0 }),
  async receive(state, message, effects) {
    if (message.type === 'remind') return { events: [{ type: 'reminded' }] }
    if (message.amount <= 0) return { refuse: { code: 'bad_amount', name: 'InvalidError', message: 'expected more than 0' } }
    const receipt = await effects.run('charge', ({ idempotencyKey }) => charge(message.amount, idempotencyKey))
    return {
      state: { paid: state.paid + message.amount },
      reply: receipt,
      events: [{ type: 'paid', amount: message.amount }],
      timers: { remind: { delay: 100, body: { type: 'remind' } } },
    }
  },
  supervise: retryUpTo(3),
})

/** Simulates a payment provider that recognises the key of an earlier charge. */
const charge = async (amount: number, key: string) => `charged ${amount}, with a key: ${key !== ''}`

const config = await loadConfig({ folder: '.', environment: process.env })
const owns = [{ kind: 'order', stays: 'it names no customer' }]
const runtime = await createRuntime(config, { actors: [order], owns })
const seven = { kind: 'order', key: '7' }
console.log(await runtime.engine.ask(seven, { type: 'pay', amount: 30 }, { id: 'payment-1' }))
console.log(await runtime.engine.ask(seven, { type: 'pay', amount: 30 }, { id: 'payment-1' }))   // the same id: the same reply
await runtime.engine.ask(seven, { type: 'pay', amount: 0 }).catch((error) => console.log(error.code))
await new Promise((resolve) => setTimeout(resolve, 500))
console.log(await runtime.engine.view.peek(seven))
for await (const { n, body } of runtime.engine.view.events(seven, { live: false })) console.log(n, body)
await runtime.stop()
