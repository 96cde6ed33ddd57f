// tools/send.mts, which `plugins: [tools/send.mts]` in antiphon.yaml names
import { appendFile } from 'node:fs/promises'
import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'send',
  description: 'Sends a message',
  effect: 'at-most-once',
  input: z.object({ to: z.string() }),
  execute: async ({ to }) => {
    await appendFile('sent.txt', `to ${to}\n`)
    return { sent: true }
  },
})
