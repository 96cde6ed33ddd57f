import { defineAgent, start } from '../../../src/index.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

// A program for tests: sends a message, follows its conversation, and says what happens, a line of JSON each.
// Arguments: folder, conversation, whether its model answers.

const [folder = '', conversation = '', answers] = process.argv.slice(2)
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const model = scriptedModel(
  [
    {
      reply: `Hello from ${process.pid}.`,
      usage: { input: 10, output: 1 },
      ...(answers !== 'answers' && { gate: new Promise(() => {}) }),
    },
  ],
  'lab/one',
)
const support = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })

await using app = await start({ folder, agents: [support], models: { 'lab/one': model } })
say({ role: app.runtime ? 'owner' : 'client' })
const chat = app.conversation(support, conversation, { owner: 'shop' })
const sent = chat.send('Hi.', { id: `${conversation}-1` })
for await (const { cursor, live, body } of chat.stream()) {
  const { type } = body as { readonly type: string }
  if (!live) say({ cursor, type })
  if (type === 'ask-end') break
}
const reply = await sent
say({ status: reply.status, ...(reply.status === 'completed' && { answer: reply.answer }) })
say({ role: app.runtime ? 'owner' : 'client' })
// until the test has read everything
await new Promise((resolve) => process.stdin.once('data', resolve))
process.stdin.destroy()
