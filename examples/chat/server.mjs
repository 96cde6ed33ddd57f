// A chat with an agent in a page: `node server.mjs`, then open http://localhost:3000
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { defineAgent, defineTool, start, toNodeListener } from 'antiphon'
import { z } from 'zod'

const book = defineTool({
  name: 'book',
  description: 'Books a berth in the harbour',
  input: z.object({ berth: z.number().int() }),
  output: z.string(),
  // antiphon never makes such a call twice, and asks a person first
  effect: 'at-most-once',
  execute: ({ berth }) => `berth ${berth} is booked`,
})

/** Stands for the model of a provider, so that this example needs no key. It writes a word every 50 ms. */
const model = {
  specificationVersion: 'v4',
  provider: 'demo',
  modelId: 'desk',
  supportedUrls: {},
  doGenerate: async ({ prompt }) => ({ content: contentFor(prompt), ...END, warnings: [] }),
  doStream: async ({ prompt, abortSignal }) => ({
    stream: ReadableStream.from(write(contentFor(prompt), abortSignal)),
  }),
}

const tokens = { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined, text: 1, reasoning: undefined }
const END = { finishReason: { unified: 'stop', raw: undefined }, usage: { inputTokens: tokens, outputTokens: tokens } }

function contentFor(prompt) {
  const { role, content } = prompt.findLast((message) => message.role === 'user' || message.role === 'tool')
  const text = JSON.stringify(content)
  const berth = role === 'user' ? /book berth (\d+)/i.exec(text)?.[1] : undefined
  if (berth) return [{ type: 'tool-call', toolCallId: 'call_0', toolName: 'book', input: `{"berth":${berth}}` }]
  if (role === 'tool')
    return [{ type: 'text', text: text.includes('is booked') ? 'Done: the berth is yours.' : 'I have not booked it.' }]
  const hours = 'The harbour opens at six in the morning and closes at nine in the evening.'
  return [{ type: 'text', text: `${hours} Write “Book berth 3” to book a berth.` }]
}

async function* write([part], signal) {
  yield { type: 'stream-start', warnings: [] }
  if (part.type === 'text') {
    yield { type: 'text-start', id: '0' }
    for (const delta of part.text.match(/\s*\S+/g)) {
      await pause(50, undefined, { signal })
      yield { type: 'text-delta', id: '0', delta }
    }
    yield { type: 'text-end', id: '0' }
  } else yield part
  yield { type: 'finish', ...END }
}

const desk = defineAgent({
  name: 'desk',
  description: 'Helps visitors of a harbour',
  model: 'demo/desk',
  instructions: 'You help visitors of a harbour.',
  tools: [book],
})

const app = await start({ agents: [desk], models: { 'demo/desk': model } })

// each browser is a visitor; a site of yours has a session instead
const visitorOf = (cookie) => /visitor=([\w-]+)/.exec(cookie ?? '')?.[1]
// here visitors approve their own bookings, as the buttons of the page do; without `approve` only your staff would
const api = toNodeListener(
  app.handler({
    path: '/ai',
    // the dashboard at /ai/ui/, where a visitor sees the conversations and runs that are theirs
    ui: true,
    owner({ headers }) {
      const owner = visitorOf(headers.get('cookie'))
      return owner && { owner, scopes: ['talk', 'read', 'approve'] }
    },
  }),
)
const page = readFileSync(new URL('index.html', import.meta.url))

createServer((request, response) => {
  if (request.url.startsWith('/ai/')) return api(request, response)
  const isKnown = visitorOf(request.headers.cookie) !== undefined
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    ...(!isKnown && { 'set-cookie': `visitor=${randomUUID()}; HttpOnly; SameSite=Lax; Path=/` }),
  })
  response.end(page)
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log('The chat is ready.'))
