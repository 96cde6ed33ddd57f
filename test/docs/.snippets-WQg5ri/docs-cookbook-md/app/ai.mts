// app/ai.mts
import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

export const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string() }),
  run: (ctx, { id }) => ctx.step('ship', () => `shipped ${id}`),
})
export const app = await start({ workflows: [order] })
