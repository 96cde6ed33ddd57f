import { join } from 'node:path'
import { Mastra } from '@mastra/core'
import { Agent } from '@mastra/core/agent'
import { createDurableAgent } from '@mastra/core/agent/durable'
import { createTool } from '@mastra/core/tools'
import { LibSQLStore } from '@mastra/libsql'
import { z } from 'zod'

/** The durable agent of Mastra on libSQL, which keeps a checkpoint of each step. Mastra opens its file without a sync of each commit. */
export async function openGoals(rounds, { folder }) {
  const storage = new LibSQLStore({ id: 'bench', url: `file:${join(folder, 'mastra.db')}` })
  const addOne = createTool({
    id: 'add-one',
    description: 'Adds one.',
    inputSchema: z.object({ value: z.number() }),
    execute: async ({ value }) => ({ value: value + 1 }),
  })
  const agent = new Agent({
    id: 'counter',
    name: 'counter',
    instructions: 'Count.',
    model: counter(rounds),
    tools: { 'add-one': addOne },
  })
  const durable = createDurableAgent({ agent, cache: false, maxSteps: 2 * rounds })
  new Mastra({ agents: { counter: durable }, storage, logger: false, recovery: { durableAgents: 'auto' } })
  return async (id) => {
    const { text } = await durable.generate('Count to ten.', { runId: id, maxSteps: 2 * rounds })
    return Number(text)
  }
}

/** A model that calls the tool in so many rounds, and answers with the number of its results. */
function counter(rounds) {
  const usage = { inputTokens: 10, outputTokens: 1, totalTokens: 11 }
  const contentOf = (prompt) => {
    const done = prompt.filter(({ role }) => role === 'tool').length
    if (done >= rounds) return { done, isOver: true, content: [{ type: 'text', text: String(done) }] }
    const call = { toolCallId: `call_${done}`, toolName: 'add-one', input: JSON.stringify({ value: done }) }
    return { done, isOver: false, content: [{ type: 'tool-call', ...call }] }
  }
  return {
    specificationVersion: 'v2',
    provider: 'bench',
    modelId: 'counter',
    supportedUrls: {},
    async doGenerate({ prompt }) {
      const { isOver, content } = contentOf(prompt)
      return { content, finishReason: isOver ? 'stop' : 'tool-calls', usage, warnings: [] }
    },
    async doStream({ prompt }) {
      const { isOver, content } = contentOf(prompt)
      const text = content[0].text
      const parts = isOver
        ? [
            { type: 'text-start', id: '0' },
            { type: 'text-delta', id: '0', delta: text },
            { type: 'text-end', id: '0' },
          ]
        : content
      return {
        stream: ReadableStream.from([
          { type: 'stream-start', warnings: [] },
          ...parts,
          { type: 'finish', finishReason: isOver ? 'stop' : 'tool-calls', usage },
        ]),
      }
    },
  }
}
