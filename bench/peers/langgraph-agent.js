import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { createAgent } from 'langchain'
import { z } from 'zod'
import { openSaver } from './langgraph.js'

/**
 * The agent of LangChain on LangGraph.js, with a checkpoint after each answer of the model and each call of the tool.
 * The default durability, `async`, writes a checkpoint while the next step runs. `sync` writes it before.
 */
export async function openGoals(rounds, { name, address }) {
  const durability = name.startsWith('langgraph-sync') ? 'sync' : 'async'
  const addOne = tool(async ({ value }) => String(value + 1), {
    name: 'add-one',
    description: 'Adds one.',
    schema: z.object({ value: z.number() }),
  })
  const checkpointer = await openSaver(address)
  const agent = createAgent({ model: new Counter({ rounds }), tools: [addOne], systemPrompt: 'Count.', checkpointer })
  return async (id) => {
    const config = { configurable: { thread_id: id }, recursionLimit: 4 * rounds, durability }
    const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'Count to ten.' }] }, config)
    return Number(messages.at(-1).content)
  }
}

/** A model that calls the tool in so many rounds, and answers with the number of its results. */
class Counter extends BaseChatModel {
  constructor(fields) {
    super(fields)
    this.rounds = fields.rounds
  }

  _llmType() {
    return 'counter'
  }

  bindTools() {
    return this
  }

  async _generate(messages) {
    const done = messages.filter((message) => message.getType() === 'tool').length
    const call = { id: `call_${done}`, name: 'add-one', args: { value: done }, type: 'tool_call' }
    const message = new AIMessage(done < this.rounds ? { content: '', tool_calls: [call] } : String(done))
    return { generations: [{ text: '', message }] }
  }
}
