import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createProvider } from '@earendil-works/pi-ai'
import { openAICompletionsApi } from '@earendil-works/pi-ai/api/openai-completions.lazy'
import { defineTool, init, useModel, useTool } from '@flue/runtime'
import { sqlite, start } from '@flue/runtime/node'
import * as v from 'valibot'
import { answered, append, folder, goals, messageOf, modelUrl, ready } from '../kills/job.ts'

const tool = defineTool({
  name: 'append',
  description: 'Appends a line.',
  input: v.object({ goal: v.string(), line: v.number() }),
  run: ({ data }) => append(data),
})
function Clerk() {
  useModel('desk/scripted')
  useTool(tool)
  return 'You append lines.'
}
const desk = createProvider({
  id: 'desk',
  auth: { apiKey: { name: 'none', resolve: async () => ({ auth: { apiKey: 'none' } }) } },
  models: [
    {
      id: 'scripted',
      name: 'Scripted',
      api: 'openai-completions',
      provider: 'desk',
      baseUrl: modelUrl,
      reasoning: false,
      input: ['text'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 128000,
      maxTokens: 8192,
    },
  ],
  api: openAICompletionsApi(),
})

await using _flue = await start({ agents: [Clerk], db: sqlite(`${folder}/flue.db`), providers: [desk] })
await ready()
await Promise.all(
  goals.map(async (goal) => {
    const clerk = init(Clerk, { id: goal })
    const kept = `${folder}/${goal}.json`
    if (!existsSync(kept)) writeFileSync(kept, JSON.stringify(await clerk.dispatch(messageOf(goal))))
    const reply = await clerk
      .read(JSON.parse(readFileSync(kept, 'utf8')))
      .catch((error) => ({ text: `failed: ${error}` }))
    await answered(goal, reply.text)
  }),
)
