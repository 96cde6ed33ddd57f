import { DBOS } from '@dbos-inc/dbos-sdk'
import OpenAI from 'openai'
import { address, answered, append, goals, messageOf, modelUrl, ready } from '../kills/job.ts'

const openai = new OpenAI({ baseURL: modelUrl, apiKey: 'none' })
const tools = [
  {
    type: 'function',
    function: {
      name: 'append',
      description: 'Appends a line.',
      parameters: { type: 'object', properties: { goal: { type: 'string' }, line: { type: 'number' } } },
    },
  },
]

async function think(messages) {
  const { choices } = await openai.chat.completions.create({ model: 'scripted', messages, tools })
  return choices[0].message
}

async function workOn(goal) {
  const messages = [
    { role: 'system', content: 'You append lines.' },
    { role: 'user', content: messageOf(goal) },
  ]
  for (;;) {
    const message = await DBOS.runStep(() => think(messages), { name: 'think' })
    messages.push(message)
    if (!message.tool_calls) return message.content
    for (const call of message.tool_calls) {
      const content = await DBOS.runStep(() => append(JSON.parse(call.function.arguments)), { name: 'append' })
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
}

const clerk = DBOS.registerWorkflow(workOn, { name: 'clerk' })
DBOS.setConfig({ name: 'kills', systemDatabaseUrl: address, logLevel: 'error', runAdminServer: false })
await DBOS.launch()
await ready()
await Promise.all(
  goals.map(async (goal) => {
    const handle = await DBOS.startWorkflow(clerk, { workflowID: goal })(goal)
    await answered(goal, await handle.getResult().catch((error) => `failed: ${error}`))
  }),
)
await DBOS.shutdown()
