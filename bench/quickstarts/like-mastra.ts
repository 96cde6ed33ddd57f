import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../src/index.ts'

const weather = defineTool({
  name: 'get_weather',
  description: 'Get current weather for a location',
  effect: 'pure',
  input: z.object({ location: z.string().describe('City name') }),
  execute: async () => ({ temperature: 21, conditions: 'Clear sky' }),
})
const activities = defineTool({
  name: 'plan_activities',
  description: 'Suggests activities for the weather',
  effect: 'pure',
  input: z.object({ conditions: z.string() }),
  execute: async () => ({ activities: ['a walk along the harbour'] }),
})
const agent = defineAgent({
  name: 'weather-agent',
  instructions: 'You give weather information and help to plan activities. Always ask for a location if none is given.',
  model: 'openai/gpt-5-mini',
  tools: [weather, activities],
})

await using app = await start({ agents: [agent], prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } } })
const reply = await app.conversation(agent, 'tokyo').send('What is the weather in Tokyo, and what can I do there?')
console.log(reply.status === 'completed' ? reply.answer : reply)
