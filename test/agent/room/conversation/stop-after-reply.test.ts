import { expect, test } from 'vitest'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import { answer, openGoals } from '../../goal/folder.ts'

const support = defineAgent({ name: 'support', instructions: 'You help customers.', tools: ['filesystem:list'] })

test('a program that stops right after a reply has recorded the goal, and leaves no dead letter', async () => {
  const { runtime, open } = await openGoals([answer('found')], '', { agents: [support] })
  await runtime.conversations.send({ agent: support, conversation: 'lamp', text: 'Where is my lamp?' })
  await runtime.stop()
  const next = await open()
  expect(await next.inspector.deadLetters.list()).toEqual([])
  const { records } = await next.memory('local').search({ text: 'Where is my lamp?', limit: 5 })
  expect(records).toMatchObject([{ text: expect.stringContaining('Where is my lamp?') }])
})
