import { defineTool } from 'antiphon'
import { z } from 'zod'
import { bank, mail, shop } from './services.mjs'

export default defineTool({
  name: 'order',
  description: 'Orders goods, and tells the customer.',
  effect: 'idempotent',
  input: z.strictObject({ item: z.string(), cents: z.number().int(), to: z.string() }),
  async execute({ item, cents, to }, { once }) {
    const reserved = await once('reserve', ({ idempotencyKey }) => shop.reserve(item, idempotencyKey))
    const receipt = await once('pay', ({ idempotencyKey }) => bank.pay(cents, idempotencyKey), { effect: 'at-most-once' })
    await once('mail', () => mail.send(to, `Paid: ${receipt}`))
    return { reserved, receipt }
  },
})
