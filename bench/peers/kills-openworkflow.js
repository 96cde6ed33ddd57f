import OpenAI from 'openai'
import { OpenWorkflow } from 'openworkflow'
import { BackendSqlite } from 'openworkflow/sqlite'
import { answered, append, folder, goals, messageOf, modelUrl, ready } from '../kills/job.ts'

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

const ow = new OpenWorkflow({ backend: BackendSqlite.connect(`${folder}/openworkflow.db`) })
const clerk = ow.defineWorkflow({ name: 'clerk' }, async ({ input, step }) => {
  const messages = [
    { role: 'system', content: 'You append lines.' },
    { role: 'user', content: messageOf(input.goal) },
  ]
  for (let round = 0; ; round++) {
    const message = await step.run({ name: `think-${round}` }, async () => {
      const { choices } = await openai.chat.completions.create({ model: 'scripted', messages, tools })
      return choices[0].message
    })
    messages.push(message)
    if (!message.tool_calls) return message.content
    for (const call of message.tool_calls) {
      const content = await step.run({ name: call.id }, () => append(JSON.parse(call.function.arguments)))
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
})

const worker = ow.newWorker({ concurrency: 20 })
await worker.start()
await ready()
await Promise.all(
  goals.map(async (goal) => {
    const handle = await clerk.run({ goal }, { idempotencyKey: goal })
    await answered(goal, await handle.result().catch((error) => `failed: ${error}`))
  }),
)
await worker.stop()
process.exit()
