import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, stepCountIs, streamText, ToolLoopAgent, tool } from 'ai'
import { z } from 'zod'
import { defineWorkflow, durable, start } from '../../../src/index.ts'

/** A process that works on a run until it ends, or until the server kills it. */
const { folder, url } = JSON.parse(process.argv[2]!) as { readonly folder: string; readonly url: string }
const headers = { 'x-pid': String(process.pid) }
const model = createOpenAICompatible({ name: 'double', baseURL: url, headers })('talker')

const stock = tool({
  description: 'How many of a thing there are',
  inputSchema: z.object({ thing: z.string() }),
  execute: async ({ thing }, { toolCallId }) =>
    (await fetch(`${url}/stock/${thing}/${toolCallId}`, { method: 'POST', headers })).text(),
})

const talk = defineWorkflow({
  name: 'talk',
  input: z.object({}),
  async run(ctx) {
    const made = {
      model: durable(model, ctx),
      tools: durable({ stock }, ctx, { effect: 'pure' }),
      stopWhen: stepCountIs(5),
    }
    const whole = await generateText({ ...made, prompt: 'whole: how many cups?' })
    const streamed = await streamText({ ...made, prompt: 'stream: how many cups?' }).text
    const agent = new ToolLoopAgent(made)
    const { text } = await agent.generate({ prompt: 'agent: how many cups?' })
    return [whole.text, streamed, text]
  },
})

await using app = await start({ folder, workflows: [talk], notice: () => {} })
const run = await app.start(talk, {}, { id: 'talk' })
console.log(JSON.stringify(await run.result()))
