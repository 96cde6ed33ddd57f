import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int(), currency: z.enum(['€', '$']) }),
  title: ({ order, cents, currency }) => `Refund ${(cents / 100).toFixed(2)} ${currency} for order ${order}?`,
  execute: ({ order, cents }) => ({ order, cents }),
})
