import { createTool } from '@mastra/core/tools'
import { z } from 'zod'

export const weatherTool = createTool({
  id: 'get-weather',
  description: 'Get current weather for a location',
  inputSchema: z.object({ location: z.string().describe('City name') }),
  outputSchema: z.object({ temperature: z.number(), conditions: z.string() }),
  execute: async () => ({ temperature: 21, conditions: 'Clear sky' }),
})
export const activitiesTool = createTool({
  id: 'plan-activities',
  description: 'Suggests activities for the weather',
  inputSchema: z.object({ conditions: z.string() }),
  outputSchema: z.object({ activities: z.array(z.string()) }),
  execute: async () => ({ activities: ['a walk along the harbour'] }),
})
