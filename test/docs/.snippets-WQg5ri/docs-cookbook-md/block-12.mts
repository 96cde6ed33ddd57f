import { DatabaseSync } from 'node:sqlite'
import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const shop = new DatabaseSync('shop.db')
shop.exec('create table if not exists done (key text primary key); create table if not exists stock (n integer)')
shop.exec('insert into stock select 10 where not exists (select 1 from stock)')

/** Changes the stock once for a key. */
function take(count: number, key: string) {
  shop.exec('begin immediate')
  const { changes } = shop.prepare('insert into done values (?) on conflict do nothing').run(key)
  if (changes === 1) shop.prepare('update stock set n = n - ?').run(count)
  shop.exec('commit')
}

const order = defineWorkflow({
  name: 'order',
  input: z.object({ count: z.number().int() }),
  run: (ctx, { count }) =>
    ctx.step('take', (call) => {
      take(count, call.idempotencyKey)
      take(count, call.idempotencyKey)     // as after a crash
    }),
})

await using app = await start({ workflows: [order] })
await (await app.start(order, { count: 3 })).result()
console.log(shop.prepare('select n from stock').get()?.n)
