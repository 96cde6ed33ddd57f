/**
 * A support agent behind a server of its own, to run once or twice on one data folder. The README beside it says how to
 * build the image, which probes to use, and how to deploy a new version.
 */
import { createServer } from 'node:http'
import { defineAgent, start, toNodeListener } from 'antiphon'

const support = defineAgent({ name: 'support', instructions: 'You help the customers of a shop.' })

// `antiphon.yaml` names the model, and ANTIPHON_DATA the folder that both replicas share
const app = await start({ agents: [support], budgets: { day: 1 } })

// replace this with your session: here, a proxy has signed the customer in and has set the header
const visitors = toNodeListener(app.handler({ path: '/ai', owner: ({ headers }) => headers.get('x-customer') }))
// the probes, and the whole API for callers with a key
const api = toNodeListener(app.fetch)

const server = createServer((request, response) => {
  const listener = request.url?.startsWith('/ai/') ? visitors : api
  void listener(request, response)
})
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0', () => {
  console.log(app.runtime ? 'This process owns the data folder.' : 'Another process owns the data folder.')
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end())

/** Turns in progress get 20 seconds. `/v1/ready` says 503 at once, so that a balancer sends nothing more. */
async function end(): Promise<void> {
  await app.stop({ grace: 20_000 })
  server.close()
  server.closeAllConnections()
}
