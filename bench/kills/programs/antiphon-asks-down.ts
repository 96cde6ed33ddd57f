import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../../src/index.ts'
import { answered, append, ask, folder, goals, isAppended, messageOf, ready } from '../job.ts'

const tool = defineTool({
  name: 'append',
  description: 'Appends a line.',
  effect: 'at-most-once',
  input: z.object({ goal: z.string(), line: z.number() }),
  execute: append,
  lookUp: (input) => {
    ask()
    return isAppended(input) ? { done: `appended ${input.line}` } : { notDone: 'final' }
  },
})
const clerk = defineAgent({
  name: 'clerk',
  model: 'desk/scripted',
  instructions: 'You append lines.',
  tools: [tool],
  approve: 'none',
})

const app = await start({ agents: [clerk], folder })
await ready()
await Promise.all(
  goals.map(async (goal) => {
    const reply = await app.conversation(clerk, goal).send(messageOf(goal), { id: `${goal}-begins` })
    await answered(goal, reply.status === 'completed' ? reply.answer : `failed: ${JSON.stringify(reply)}`)
  }),
)
await app.stop()
