// A program with a server of its own, which mounts the pages for visitors and for staff. The path of a mount says what
// its caller may do, and `?as=NAME` signs a browser in. Run it in an empty folder: `node shop.ts`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { defineAgent, defineTool, start, toNodeListener } from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'

const model = scriptedModel(
  [
    { match: 'be paid back', reply: 'It is approved: the money is on its way.' },
    { match: /lamp .*broken/, calls: [{ name: 'refund', input: { order: '1789' } }] },
    { reply: 'We open at nine.' },
  ],
  'shop/model',
)

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string() }),
  output: z.string(),
  execute: ({ order }) => `order ${order} will be paid back`,
})

const support = defineAgent({
  name: 'support',
  description: 'Helps customers',
  model: 'shop/model',
  instructions: 'You help customers.',
  tools: [refund],
  approve: [refund],
})

const app = await start({
  agents: [support],
  tools: [refund],
  models: { 'shop/model': model },
  prices: { 'shop/model': { input: 2.5, output: 10 } },
  notice: () => {},
})

const user = ({ headers }: Request) => /user=(\w+)/.exec(headers.get('cookie') ?? '')?.[1]

/** The mounts: what their callers may do. */
const mounts = {
  '/talk': user,
  '/read': (request: Request) => ({ owner: user(request)!, scopes: ['talk', 'read'] as const }),
  '/all': (request: Request) => ({ owner: user(request)!, scopes: ['talk', 'read', 'run', 'approve'] as const }),
  '/answers': (request: Request) => ({ owner: user(request)!, scopes: ['talk', 'approve'] as const }),
  '/staff': () => ({ staff: 'eva', scopes: ['read', 'approve'] as const, owners: 'all' as const }),
}

const listeners = Object.entries(mounts).map(
  ([path, owner]) => [path, toNodeListener(app.handler({ owner, path, ui: true }))] as const,
)

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(`http://shop${request.url}`)
  const name = searchParams.get('as')
  if (name !== null)
    return response
      .writeHead(303, { 'set-cookie': `user=${name}; Path=/`, location: pathname, 'content-type': 'text/plain' })
      .end()
  const [, listener] = listeners.find(([path]) => pathname.startsWith(`${path}/`)) ?? []
  if (listener) return listener(request, response)
  return response.writeHead(404).end()
})
server.listen(0, '127.0.0.1', () => {
  console.log(`It answers at http://127.0.0.1:${(server.address() as AddressInfo).port}.`)
})
