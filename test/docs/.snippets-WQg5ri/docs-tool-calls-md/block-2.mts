import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  approve: ({ cents }, call) => cents > 5_000 || call.owner === 'new-customer',
  execute: ({ order, cents }) => ({ order, cents }),
})
