import { stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { openai } from '@ai-sdk/openai'
import { stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'

const tools = {
  weather: tool({
    description: 'Get the weather in a location (fahrenheit)',
    inputSchema: z.object({ location: z.string().describe('The location to get the weather for') }),
    execute: async ({ location }) => ({ location, temperature: 72 }),
  }),
  convertFahrenheitToCelsius: tool({
    description: 'Convert a temperature in fahrenheit to celsius',
    inputSchema: z.object({ temperature: z.number().describe('The temperature in fahrenheit') }),
    execute: async ({ temperature }) => ({ celsius: Math.round((temperature - 32) * (5 / 9)) }),
  }),
}

const terminal = createInterface({ input: stdin, output: stdout })
const messages = []
for await (const content of terminal) {
  messages.push({ role: 'user', content })
  const result = streamText({ model: openai.chat('gpt-5-mini'), messages, tools, stopWhen: stepCountIs(5) })
  for await (const delta of result.textStream) stdout.write(delta)
  stdout.write('\n')
  messages.push(...(await result.response).messages)
}
