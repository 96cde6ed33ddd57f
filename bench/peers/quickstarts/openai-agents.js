import { Agent, run, setOpenAIAPI, tool } from '@openai/agents'
import { z } from 'zod'

setOpenAIAPI('chat_completions')

const getWeather = tool({
  name: 'get_weather',
  description: 'Get the weather for a given city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `The weather in ${city} is sunny.`,
})
const historyFunFact = tool({
  name: 'history_fun_fact',
  description: 'Give a fun fact about a historical event',
  parameters: z.object({}),
  execute: async () => 'Sharks are older than trees.',
})
const agent = new Agent({
  name: 'guide',
  instructions: 'You help tourists. Use the tools.',
  model: 'gpt-5-mini',
  tools: [getWeather, historyFunFact],
})

const result = await run(agent, 'What is the weather in Tokyo? Tell me something old, too.')
console.log(result.finalOutput)
