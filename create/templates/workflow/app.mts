import { start } from 'antiphon'
import { order } from './order.mts'

const [id = '7', cents = '4200'] = process.argv.slice(2)

await using app = await start({ workflows: [order] })
// the same id is the same run: start this program as often as you like
const run = await app.start(order, { id, cents: Number(cents) }, { id: `order-${id}` })
console.log(`The run order-${id} goes on. \`npx antiphon why order-${id}\` says what it waits for.`)
console.log(await run.result())
