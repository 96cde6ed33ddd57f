import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { AGENT_KEYS } from '../../../src/agent/definition/fields.ts'
import { type AgentOptions, defineAgent, defineTool, start } from '../../../src/index.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'
import { answer, call } from '../../agent/goal/folder.ts'
import { makeFolder } from './folder.ts'

/** A program over a folder, with agents and a model that follows a script. */
async function program(folder: string, agents: Parameters<typeof start>[0] & object, script: readonly ScriptedTurn[]) {
  const model = scriptedModel(script, 'lab/one')
  const app = await start({ ...agents, folder, models: { 'lab/one': model } })
  onTestFinished(() => app.stop())
  return { app, model }
}

const KEYS: { readonly [Key in Exclude<keyof AgentOptions, 'learn'>]-?: true } = {
  ...{ name: true, description: true, instructions: true, tools: true, disallowedTools: true, model: true },
  ...{ promptCache: true, maxTokens: true, reasoning: true },
  ...{ maxTurns: true, skills: true, approve: true, budget: true, priority: true, deadline: true, patience: true },
  ...{ timeout: true, retry: true, playbook: true, agents: true, environment: true, output: true },
  ...{ onUnknown: true, onFailure: true, onChange: true, recall: true, show: true, memory: true, context: true },
  ...{ around: true },
}

test('each key of the file has its equal in defineAgent, apart from servers of a file, and the context and the rules of a program', () => {
  const inFile = AGENT_KEYS.filter((key) => key !== 'mcpServers')
  const inCode = Object.keys(KEYS).filter((key) => !['instructions', 'context', 'around'].includes(key))
  const spelled = inCode.map((key) => key.replace(/^on([A-Z])/, (_, letter) => `on_${letter.toLowerCase()}`))
  expect(spelled.toSorted()).toEqual(inFile.toSorted())
})

const look = defineTool({
  name: 'look-up',
  description: 'Finds an order',
  effect: 'pure',
  input: z.object({ order: z.string() }),
  execute: ({ order }) => ({ found: order }),
})
const shipping = defineAgent({
  name: 'shipping',
  description: 'Knows parcels',
  instructions: (goal) => `You know parcels. Asked: ${goal}`,
  tools: [look],
})
const SKILL = { name: 'refunds', description: 'How orders are paid back', body: 'Ask for the reason first.' }
const support = defineAgent({
  ...{ name: 'support', instructions: 'You help.', agents: [shipping], skills: [SKILL] },
  tools: [look, 'filesystem:read'],
})

test('tools as values and names, skills, and agents as values work from `start`', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'a.txt'), 'the rules')
  const { app, model } = await program(folder, { agents: [support] }, [
    { match: 'You know parcels', ...call('look-up', { order: 'p7' }) },
    { match: 'You know parcels', ...answer('It is on its way.') },
    call('look-up', { order: 'a1' }),
    call('filesystem_read', { path: 'a.txt' }),
    call('read_skill', { name: 'refunds' }),
    call('agent_shipping', { goal: 'Where is p7?' }),
    answer('Done.'),
  ])
  expect(await app.conversation(support, 'talk').send('Help.')).toMatchObject({ status: 'completed', answer: 'Done.' })
  const { rounds } = await app.goals.get('talk.m1')
  expect(rounds.flatMap(({ calls }) => calls)).toMatchObject([
    { tool: 'look-up', outcome: 'succeeded', result: expect.stringContaining('a1') },
    { tool: 'filesystem:read', outcome: 'succeeded', result: expect.stringContaining('the rules') },
    { tool: 'read_skill', outcome: 'succeeded', result: expect.stringContaining('Ask for the reason first.') },
    { tool: 'agent:shipping', outcome: 'succeeded', result: expect.stringContaining('It is on its way.') },
  ])
  expect(model.calls.some(({ prompt }) => prompt.includes('Asked: Where is p7?'))).toBe(true)
})

test('instructions that throw refuse the message by a code, and the conversation stays usable', async () => {
  let times = 0
  const flaky = defineAgent({
    name: 'flaky',
    instructions: () => {
      if (times++ === 0) throw new Error('no network')
      return `Text ${times}.`
    },
  })
  const folder = await makeFolder()
  const first = await program(folder, { agents: [flaky] }, [answer('Hello.')])
  const chat = first.app.conversation(flaky, 'talk')
  await expect(chat.send('Hi.', { id: 'mail-1' })).rejects.toMatchObject({
    ...{
      code: 'instructions_failed',
      place: { path: 'instructions' },
      hint: expect.stringContaining('Nothing was started'),
    },
    message: 'The instructions of the agent flaky: the function failed: no network',
  })
  await expect(chat.get('mail-1')).rejects.toMatchObject({ name: 'NotFoundError' })
  expect(await chat.send('Hi.', { id: 'mail-1' })).toMatchObject({ status: 'completed', answer: 'Hello.', n: 1 })
  expect(first.model.calls[0]!.prompt).toContain('Text 2.')
  await first.app.stop()
  const next = await program(folder, { agents: [flaky] }, [])
  const again = next.app.conversation(flaky, 'talk')
  expect(await again.send('Hi.', { id: 'mail-1' })).toMatchObject({ status: 'completed', answer: 'Hello.', n: 1 })
  expect(times).toBe(2)
})

test.each([
  [7, 'expected a text, got number'],
  ['', 'expected a text that is not empty'],
])('instructions that are %j are refused by the same code', async (text, fault) => {
  const odd = defineAgent({ name: 'odd', instructions: () => text as string })
  const { app } = await program(await makeFolder(), { agents: [odd] }, [])
  await expect(app.conversation(odd, 'talk').post('Hi.')).rejects.toMatchObject({
    ...{ code: 'instructions_failed', message: `The instructions of the agent odd: ${fault} from the function` },
  })
})

test.each([
  [{ agents: support }, 'agents', 'a list of agents'],
  [{ agents: [null] }, 'agents', 'a list of agents'],
  [{ agent: [support] }, 'agent', 'the option `agent` is unknown'],
  [{ tools: look }, 'tools', 'a list of tools'],
  [{ tools: [{ ...look, timeout: '1s' }] }, 'tools', 'The tool look-up: `timeout`: expected seconds above 0'],
])('start refuses options that are wrong, by their place (%#)', async (options, path, message) => {
  await expect(start({ folder: await makeFolder(), ...options } as object)).rejects.toMatchObject({
    ...{ name: 'InvalidError', place: { path }, message: expect.stringContaining(message) },
  })
})
