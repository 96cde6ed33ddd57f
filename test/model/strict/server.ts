import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { faultsInAnthropic } from './anthropic.ts'
import { faultsInOpenAI } from './openai.ts'

/** A reply of the model in the form of the protocol. */
export type StrictReply = { readonly [field: string]: unknown }
export type Protocol = 'openai' | 'anthropic'

const JUDGES = { openai: faultsInOpenAI, anthropic: faultsInAnthropic }

/** A provider on loopback that answers 400 to each request that the real one would refuse; it gives its replies in order, then a text. */
export async function openStrictProvider(protocol: Protocol, replies: readonly StrictReply[]) {
  const bodies: string[] = []
  const refusals: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const faults = JUDGES[protocol](body)
    refusals.push(...faults)
    const status = faults.length === 0 ? 200 : 400
    const reply =
      replies[bodies.length] ?? (protocol === 'openai' ? said('done') : wrote([{ type: 'text', text: 'done' }]))
    bodies.push(body)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(status === 200 ? reply : { error: { message: faults.join('; '), type: 'invalid_request_error' } }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { url, bodies, refusals }
}

type WireCall = { readonly id?: unknown; readonly name: string; readonly args: string }

/** A reply of the chat protocol with calls. */
export const asked = (calls: readonly WireCall[], finish = 'tool_calls', content: string | null = null): StrictReply =>
  completion(
    {
      content,
      tool_calls: calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: args } })),
    },
    finish,
  )

/** A reply of the chat protocol with a text. */
const said = (content: string): StrictReply => completion({ content }, 'stop')

const completion = (message: object, finish_reason: string) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
})

/** A message of Anthropic. */
export const wrote = (content: readonly object[], stop_reason = 'end_turn'): StrictReply => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason,
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 5 },
})
