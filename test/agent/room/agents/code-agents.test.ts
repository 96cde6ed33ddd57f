import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { answer, call, openGoals } from '../../goal/folder.ts'
import { agentFile } from './project.ts'

const done: string[] = []
const look = (input: z.ZodType = z.object({ order: z.string() })) =>
  defineTool({
    name: 'search',
    description: 'Finds an order',
    effect: 'pure',
    input,
    execute: (given) => {
      done.push(JSON.stringify(given))
      return { found: true }
    },
  })
const search = look()
const support = defineAgent({ name: 'support', instructions: 'You help customers.', tools: [search] })

test('an agent of a program calls its own tool, found by value and by name, also in a conversation', async () => {
  const asks = call('search', { order: 'a1' })
  const { runtime, model } = await openGoals([asks, answer('found')], '', { agents: [support] })
  const { id } = await runtime.goals.start({ agent: support, goal: 'Find a1.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ agent: 'support', status: 'completed', answer: 'found' })
  expect(done.splice(0)).toEqual(['{"order":"a1"}'])
  expect(model.calls[0]!.prompt).toContain('You help customers.')
  const named = await runtime.goals.start({ agent: 'support', goal: 'Find a2.' })
  await runtime.idle()
  expect(await runtime.goals.get(named.id)).toMatchObject({ status: 'completed' })
  const reply = await runtime.conversations.send({ agent: support, conversation: 'talk', text: 'Find a3.' })
  expect(reply).toMatchObject({ status: 'completed', answer: 'found' })
})

test('a function makes the instructions once, and the goal keeps the text', async () => {
  let times = 0
  const instructions = async (goal: string) => `Text ${++times} for: ${goal}`
  const clerk = defineAgent({ name: 'clerk', instructions, tools: ['filesystem:list'] })
  const script = [call('filesystem_list', { path: '.' }), answer('done')]
  const { runtime, model } = await openGoals(script, '', { agents: [clerk] })
  await runtime.goals.start({ agent: clerk, goal: 'List.', id: 'g' })
  await runtime.idle()
  await runtime.goals.start({ agent: clerk, goal: 'List.', id: 'g' })
  expect(times).toBe(1)
  for (const { prompt } of model.calls) expect(prompt).toContain('Text 1 for: List.')
  const broken = defineAgent({ name: 'broken', instructions: () => Promise.reject(new Error('no network')) })
  await expect(runtime.goals.start({ agent: broken, goal: 'Go.' })).rejects.toMatchObject({
    ...{ name: 'InvalidError', code: 'instructions_failed', place: { path: 'instructions' } },
    message: 'The instructions of the agent broken: the function failed: no network',
  })
})

test('agents that a program gives twice, shadows or lacks are refused by name', async () => {
  const twin = defineAgent({ name: 'support', instructions: 'Other.' })
  const terminal = { ...search, name: 'terminal' }
  await expect(openGoals([], '', { agents: [support, twin] })).rejects.toMatchObject({ code: 'agent_taken' })
  await expect(openGoals([], '', { agents: [support], tools: [look()] })).rejects.toMatchObject({ code: 'tool_taken' })
  await expect(openGoals([], '', { tools: [terminal] })).rejects.toMatchObject({ code: 'tool_taken' })
  const wrong = defineAgent({ name: 'wrong', instructions: 'Go.', tools: ['serach:x'] })
  await expect(openGoals([], '', { agents: [wrong] })).rejects.toMatchObject({
    ...{ code: 'invalid_agent', place: { path: 'tools.0' } },
    message: 'The agent wrong: there is no tool `serach:x`',
  })
  const { runtime, write, path } = await openGoals([answer('hi')], '', { agents: [twin] })
  await expect(runtime.goals.start({ agent: support, goal: 'Find.' })).rejects.toMatchObject({
    ...{ code: 'unknown_tool', message: 'The agent support needs the tool search, which this runtime does not have.' },
    hint: 'Give the agent to the runtime: createRuntime(config, { agents: [support] }).',
  })
  mkdirSync(path('agents'))
  write('agents/support.md', agentFile('Helps'))
  await expect(runtime.goals.start({ agent: 'support', goal: 'Find.' })).rejects.toMatchObject({
    ...{ code: 'agent_taken', message: expect.stringContaining('the file agents/support.md') },
  })
})
