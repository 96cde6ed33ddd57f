import { defineActor } from 'antiphon'
import { torture } from 'antiphon/testing'
import { z } from 'zod'

const charges = new Map<string, number>()

const order = defineActor({
  kind: 'order',
  message: z.object({ pay: z.number() }),
  initial: () => ({ paid: 0 }),
  async receive({ paid }, { pay }, effects) {
    // repeated after a crash, with the same key, so the payment is charged once
    const key = await effects.run('charge', ({ idempotencyKey }) => {
      charges.set(idempotencyKey, pay)
      return idempotencyKey
    })
    return { state: { paid: paid + pay }, reply: key, events: [{ type: 'payment', key }] }
  },
})

const to = { kind: 'order', key: '7' }
const messages = [30, 12].map((pay) => ({ to, body: { pay }, ask: true }))
const crashes = await torture({ actors: [order], messages })
console.log(crashes, charges.size)   // crashes on each engine; 2 charges
