import { defineAgent, defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const clerk = defineAgent({
  name: 'clerk',
  model: 'openai/gpt-5-mini',
  instructions: 'You say in one word what a mail is about: order, complaint or other.',
})

const sort = defineWorkflow({
  name: 'sort',
  input: z.object({ mail: z.string() }),
  async run(ctx, { mail }) {
    const { answer } = await ctx.call(clerk, `The mail:\n${mail}`)
    if (answer === 'complaint') await ctx.step('tell', () => console.log('a person looks at it'))
    return answer
  },
})

await using app = await start({ agents: [clerk], workflows: [sort] })
const run = await app.start(sort, { mail: 'My lamp arrived broken.' })
console.log(await run.result())
