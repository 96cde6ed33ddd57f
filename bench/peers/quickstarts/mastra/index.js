import { Mastra } from '@mastra/core'
import { LibSQLStore } from '@mastra/libsql'
import { weatherAgent } from './agent.js'

export const mastra = new Mastra({
  agents: { weatherAgent },
  storage: new LibSQLStore({ id: 'mastra-storage', url: 'file:./mastra.db' }),
  logger: false,
})

const { text } = await mastra
  .getAgent('weatherAgent')
  .generate('What is the weather in Tokyo, and what can I do there?')
console.log(text)
