import { start } from 'antiphon'

await using app = await start({
  hooks: { orders: { verify: 'standard', secret: 'secret://orders', file: 'order.yaml', owner: 'shop' } },
})
const [hook] = await app.hooks.list()
console.log(hook?.path, hook?.work)
const handle = app.handler({ owner: () => null })
const forged = new Request('https://shop.example/v1/hooks/orders', {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,' },
  body: '{}',
})
console.log((await handle(forged)).status)
