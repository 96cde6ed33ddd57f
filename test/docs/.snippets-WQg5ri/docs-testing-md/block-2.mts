import { test } from 'node:test'
import { testAgent } from 'antiphon/testing'
import suite from './support.test.ts'

const { agent, cases, ...options } = suite
test('support', async () => {
  await testAgent(agent, cases, options)
})
