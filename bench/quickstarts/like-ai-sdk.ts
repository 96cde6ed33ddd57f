import { stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../src/index.ts'

const weather = defineTool({
  name: 'weather',
  description: 'Get the weather in a location (fahrenheit)',
  effect: 'pure',
  input: z.object({ location: z.string().describe('The location to get the weather for') }),
  execute: async ({ location }) => ({ location, temperature: 72 }),
})
const convert = defineTool({
  name: 'convert_fahrenheit_to_celsius',
  description: 'Convert a temperature in fahrenheit to celsius',
  effect: 'pure',
  input: z.object({ temperature: z.number().describe('The temperature in fahrenheit') }),
  execute: async ({ temperature }) => ({ celsius: Math.round((temperature - 32) * (5 / 9)) }),
})
const agent = defineAgent({
  name: 'assistant',
  instructions: 'You are a helpful assistant.',
  model: 'openai/gpt-5-mini',
  tools: [weather, convert],
})

await using app = await start({ agents: [agent], prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } } })
const chat = app.conversation(agent, 'terminal')
for await (const line of createInterface({ input: stdin, output: stdout })) {
  const reply = await chat.send(line)
  stdout.write(`${reply.status === 'completed' ? reply.answer : reply.status}\n`)
}
