import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'reserve',
  description: 'Reserves a room.',
  effect: 'idempotent',
  input: z.strictObject({ room: z.string() }),
  execute: async ({ room }, { idempotencyKey }) => ({ room, booking: idempotencyKey }),
  undo: async ({ output }) => console.error(`cancelled: ${output.booking}`),
})
