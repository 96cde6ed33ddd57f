import { createRuntime, loadConfig } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
const agent = {
  name: 'librarian',
  description: 'Counts the notes of this folder',
  instructions: 'You keep notes.',
  tools: ['filesystem:list'],
  skills: [],
  playbook: 'index.yaml',
}
const { id } = await runtime.goals.start({ agent, goal: 'Count the notes of this folder' })
for await (const { body } of runtime.goals.events(id)) console.log((body as { type: string }).type)
const { status, answer } = await runtime.goals.get(id)
console.log(status, answer)
await runtime.stop()
