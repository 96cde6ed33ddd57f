import { Mastra } from '@mastra/core'
import { Agent } from '@mastra/core/agent'
import { createDurableAgent } from '@mastra/core/agent/durable'
import { createTool } from '@mastra/core/tools'
import { LibSQLStore } from '@mastra/libsql'
import { z } from 'zod'
import { answered, append, folder, goals, messageOf, modelUrl, ready } from '../kills/job.ts'

const appendTool = createTool({
  id: 'append',
  description: 'Appends a line.',
  inputSchema: z.object({ goal: z.string(), line: z.number() }),
  execute: append,
})
const agent = new Agent({
  id: 'clerk',
  name: 'clerk',
  instructions: 'You append lines.',
  model: { id: 'desk/scripted', url: modelUrl, apiKey: 'none' },
  tools: { append: appendTool },
})
const clerk = createDurableAgent({ agent, maxSteps: 10 })
const storage = new LibSQLStore({ id: 'kills', url: `file:${folder}/mastra.db` })
new Mastra({ agents: { clerk }, storage, logger: false, recovery: { durableAgents: 'auto' } })

const { runs } = await clerk.listActiveRuns()
const cutOff = new Set(runs.map(({ runId }) => runId))
await ready()
await Promise.all(
  goals.map(async (goal) => {
    const run = cutOff.has(goal) ? await clerk.recover(goal) : await clerk.stream(messageOf(goal), { runId: goal })
    await answered(goal, await run.output.text.catch((error) => `failed: ${error}`))
    run.cleanup()
  }),
)
process.exit()
