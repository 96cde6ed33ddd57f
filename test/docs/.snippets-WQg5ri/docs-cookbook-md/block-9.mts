import { createHmac } from 'node:crypto'
import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const paid = defineWorkflow({
  name: 'paid',
  input: z.object({ event: z.object({ order: z.string() }) }),
  run: (ctx, { event }) => ctx.step('ship', () => console.log(`shipped ${event.order}`)),
})

await using app = await start({
  workflows: [paid],
  hooks: { payments: { verify: 'github', secret: 'secret://PAYMENTS', workflow: 'paid', owner: 'shop' } },
})
const handler = app.handler({ owner: () => null })     // mount it in your server

const body = JSON.stringify({ order: '7' })            // what the other service sends
const signature = `sha256=${createHmac('sha256', process.env.PAYMENTS!).update(body).digest('hex')}`
const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature, 'x-github-event': 'paid' }
const send = () => handler(new Request('https://shop.example/v1/hooks/payments', { method: 'POST', headers, body }))
const first = await (await send()).json()
for await (const _ of app.runs.events(first.id));
console.log((await (await send()).json()).status)
