import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../src/index.ts'

const getWeather = defineTool({
  name: 'get_weather',
  description: 'Get the weather for a given city',
  effect: 'pure',
  input: z.object({ city: z.string() }),
  execute: async ({ city }) => `The weather in ${city} is sunny.`,
})
const historyFunFact = defineTool({
  name: 'history_fun_fact',
  description: 'Give a fun fact about a historical event',
  effect: 'pure',
  input: z.object({}),
  execute: async () => 'Sharks are older than trees.',
})
const agent = defineAgent({
  name: 'guide',
  instructions: 'You help tourists. Use the tools.',
  model: 'openai/gpt-5-mini',
  tools: [getWeather, historyFunFact],
})

await using app = await start({ agents: [agent], prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } } })
const reply = await app.conversation(agent, 'tokyo').send('What is the weather in Tokyo? Tell me something old, too.')
console.log(reply.status === 'completed' ? reply.answer : reply)
