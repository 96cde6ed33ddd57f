// tools/post.mts
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: 'post',
  description: 'Sends a letter',
  effect: 'at-most-once',
  input: z.object({ to: z.string().describe('name of the reader'), text: z.string() }),
  output: z.object({ sent: z.boolean() }),
  async execute({ to, text }, { root, idempotencyKey }) {
    await appendFile(join(root, 'letters.txt'), `${idempotencyKey}: Dear ${to}, ${text}\n`)
    return { sent: true }
  },
})
