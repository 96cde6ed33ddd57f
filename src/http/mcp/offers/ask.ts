import { z } from 'zod'
import { parse } from '../../../kernel/schema.ts'
import type { Client } from '../../client/client.ts'
import { dataResult } from '../results.ts'
import type { Offer } from './offers.ts'

const input = z.strictObject({
  prompt: z.string().min(1).describe('the question'),
  thread: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('the conversation it belongs to; absent: a conversation of its own'),
  texts: z
    .array(z.strictObject({ name: z.string().min(1).max(200), text: z.string() }))
    .max(100)
    .optional()
    .describe('texts to answer from'),
  quick: z.boolean().optional().describe('one look into the texts, and one call of a model'),
})

/** The tool `ask`: a question on a thread. */
export function askOffer({ threads }: Pick<Client, 'threads'>): Offer {
  return {
    describe: async () => ({
      name: 'ask',
      description: 'Asks a question. The answer cites the places in the texts that support it.',
      inputSchema: z.toJSONSchema(input) as { type: 'object' },
    }),
    async call(given, { id, signal }) {
      const { prompt, thread = `mcp-${id}`, texts, quick } = await parse(input, given, 'arguments')
      // the agreement of an owner is not about questions of models
      const asked = { prompt, thread, id: `ask_${id}`, share: false }
      const request = { ...asked, ...(texts && { texts }), ...(quick && { quick }) }
      const answer = await threads.ask(request, signal)
      return { result: dataResult(answer, answer.answer) }
    },
  }
}
