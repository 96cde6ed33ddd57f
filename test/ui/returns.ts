// A shop whose customers send photos of what arrived broken, and whose staff decides each refund. Its folder has an
// antiphon.yaml with the model pa/m. Run it there: `node returns.ts`. VERSION names the deploy, PORT the address.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { defineAgent, defineTool, start, toNodeListener } from '../../src/index.ts'

const { VERSION = '1', PORT = '0' } = process.env

const euros = (cents: number) => `${(cents / 100).toFixed(2)} €`

const refund = defineTool({
  name: 'refund',
  description: `Pays an order back (${VERSION})`,
  effect: 'at-most-once',
  input: z.object({
    order: z.string(),
    cents: z.number().int(),
    photo: z.looseObject({ file: z.string() }).optional(),
  }),
  output: z.string(),
  approve: true,
  title: ({ order, cents }) => `Refund ${euros(cents)} for order ${order}?`,
  async execute({ order, cents }) {
    // the bank does not answer for this order in the second deploy
    if (order === '1011' && VERSION === '2') await new Promise(() => {})
    appendFileSync('refunds', `${order} ${cents}\n`)
    return `paid back ${euros(cents)} for order ${order}`
  },
})

const returns = defineAgent({
  name: 'returns',
  description: 'Takes back what arrived broken',
  model: 'pa/m',
  instructions: `You help customers whose goods arrived broken. Deploy ${VERSION}.`,
  tools: [refund],
})

const app = await start({ agents: [returns], tools: [refund], notice: () => {} })

const customer = ({ headers }: Request) => headers.get('x-customer') ?? undefined
const staff = (name: string) => () => ({ staff: name, scopes: ['read', 'approve'] as const, owners: 'all' as const })

/** The mounts: what their callers may do. */
const mounts = { '/shop': customer, '/eva': staff('eva'), '/tom': staff('tom') }
const listeners = Object.entries(mounts).map(
  ([path, owner]) => [path, toNodeListener(app.handler({ owner, path, ui: path !== '/shop' }))] as const,
)
const server = createServer((request, response) => {
  const [, listener] = listeners.find(([path]) => request.url!.startsWith(`${path}/`)) ?? []
  return listener ? listener(request, response) : response.writeHead(404).end()
})
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`It answers at http://127.0.0.1:${(server.address() as AddressInfo).port}.`)
})
