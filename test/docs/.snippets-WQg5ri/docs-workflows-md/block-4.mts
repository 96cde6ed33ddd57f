import { defineWorkflow, durable, start } from 'antiphon'
import { scriptedModel } from 'antiphon/testing'
import { generateText, stepCountIs, tool } from 'ai'
import { z } from 'zod'

// stands for openai('gpt-5-mini')
const model = scriptedModel([
  { match: '18 degrees', reply: 'Take a jacket.' },
  { calls: [{ name: 'weather', input: { city: 'Oslo' } }] },
])
const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `18 degrees in ${city}`,
})
const advise = defineWorkflow({
  name: 'advise',
  input: z.object({ city: z.string() }),
  async run(ctx, { city }) {
    const { text } = await generateText({
      model: durable(model, ctx),
      tools: durable({ weather }, ctx, { effect: 'pure' }),
      stopWhen: stepCountIs(5),
      prompt: `What should I wear in ${city}?`,
    })
    return text
  },
})

await using app = await start({ workflows: [advise] })
const run = await app.start(advise, { city: 'Oslo' })
console.log(await run.result())
