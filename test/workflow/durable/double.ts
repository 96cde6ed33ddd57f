import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

type Message = { readonly role: string; readonly content: string }
type Asked = { readonly messages: readonly Message[]; readonly stream?: boolean }

/**
 * A server that speaks the chat protocol, and has a stock. Its model asks for the stock, and then tells it. `asked`: all
 * requests, in a word each. It kills the client that makes the request of a number, and does not answer it.
 */
export async function openDouble() {
  const asked: string[] = []
  let killAt = Number.POSITIVE_INFINITY
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    asked.push(nameOf(request, body))
    if (asked.length === killAt) return void process.kill(Number(request.headers['x-pid']), 'SIGKILL')
    if (request.url!.includes('/stock/')) response.end('7')
    else answer(JSON.parse(body) as Asked, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, killAt: (request: number) => void (killAt = request) }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** The prompt with the number of its messages, or the call of the stock. */
function nameOf({ url = '' }: IncomingMessage, body: string): string {
  if (url.includes('/stock/')) return url
  const { messages } = JSON.parse(body) as Asked
  return `${messages.find(({ role }) => role === 'user')!.content.split(':')[0]} ${messages.length}`
}

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

function answer({ messages, stream = false }: Asked, response: ServerResponse): void {
  const [{ content }] = messages.filter(({ role }) => role === 'user') as [Message]
  const result = messages.find(({ role }) => role === 'tool')
  const said = result
    ? { role: 'assistant', content: `There are ${result.content}.` }
    : { role: 'assistant', content: null, tool_calls: [callOf(`call_${content.split(':')[0]}`)] }
  const finish = result ? 'stop' : 'tool_calls'
  const about = { id: 'reply', created: 1, model: 'talker' }
  if (!stream) {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ ...about, choices: [{ index: 0, message: said, finish_reason: finish }], usage: USAGE }),
    )
    return
  }
  response.setHeader('content-type', 'text/event-stream')
  const send = (choice: object) =>
    response.write(`data: ${JSON.stringify({ ...about, choices: [{ index: 0, ...choice }], usage: USAGE })}\n\n`)
  send({ delta: said, finish_reason: null })
  send({ delta: {}, finish_reason: finish })
  response.end('data: [DONE]\n\n')
}

const callOf = (id: string) => ({
  index: 0,
  id,
  type: 'function',
  function: { name: 'stock', arguments: '{"thing":"cups"}' },
})
