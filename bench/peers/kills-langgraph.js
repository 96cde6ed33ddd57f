import { tool } from '@langchain/core/tools'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import { ChatOpenAI } from '@langchain/openai'
import { z } from 'zod'
import { address, answered, append, goals, messageOf, modelUrl, ready } from '../kills/job.ts'

const appendTool = tool(append, {
  name: 'append',
  description: 'Appends a line.',
  schema: z.object({ goal: z.string(), line: z.number() }),
})
const checkpointer = PostgresSaver.fromConnString(address)
await checkpointer.setup()
const agent = createReactAgent({
  llm: new ChatOpenAI({ model: 'scripted', apiKey: 'none', configuration: { baseURL: modelUrl } }),
  tools: [appendTool],
  prompt: 'You append lines.',
  checkpointSaver: checkpointer,
})

await ready()
await Promise.all(
  goals.map(async (goal) => {
    const config = { configurable: { thread_id: goal }, durability: 'sync' }
    const { values } = await agent.getState(config)
    const last = values.messages?.at(-1)
    const isOver = last?.getType() === 'ai' && last.tool_calls.length === 0
    const input = last ? null : { messages: [{ role: 'user', content: messageOf(goal) }] }
    const result = isOver ? values : await agent.invoke(input, config)
    await answered(goal, result.messages.at(-1).content)
  }),
)
await checkpointer.end()
