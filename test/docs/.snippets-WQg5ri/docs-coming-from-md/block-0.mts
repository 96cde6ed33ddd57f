import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const greet = async (name: string) => `Hello, ${name}!`

const hello = defineWorkflow({
  name: 'hello',
  input: z.object({ name: z.string() }),
  run: (ctx, { name }) => ctx.step('greet', () => greet(name), { timeout: '1m' }),
})

await using app = await start({ workflows: [hello] })
const run = await app.start(hello, { name: 'Temporal' }, { id: 'workflow-1' })
console.log(await run.result())
