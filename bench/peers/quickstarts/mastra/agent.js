import { Agent } from '@mastra/core/agent'
import { activitiesTool, weatherTool } from './tools.js'

export const weatherAgent = new Agent({
  id: 'weather-agent',
  name: 'Weather Agent',
  instructions: 'You give weather information and help to plan activities. Always ask for a location if none is given.',
  model: { id: 'openai/gpt-5-mini', url: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY },
  tools: { weatherTool, activitiesTool },
})
