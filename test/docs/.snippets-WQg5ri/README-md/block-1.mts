import { defineAgent, start } from 'antiphon'

const support = defineAgent({
  name: 'support', model: 'openai/gpt-5-mini', instructions: 'You help customers of a shop.', tools: [], budget: 0.5,
})
await using app = await start({ agents: [support], prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } } })
const { file } = await app.files.add('lamp.png', { owner: 'customer-42' })
const chat = app.conversation(support, 'photo', { owner: 'customer-42' })
const reply = await chat.send('What is broken?', { files: [file] })
console.log(reply.status === 'completed' ? reply.answer : reply)
