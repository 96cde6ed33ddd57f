import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Agent } from '../../src/agent/definition/agent-value.ts'
import { defineAgent } from '../../src/agent/definition/define-agent.ts'
import type { MessageReply } from '../../src/agent/room/conversation/port.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { defineTool, type Tool } from '../../src/tool/tool.ts'
import { MAX_MESSAGE_CHARACTERS } from '../../src/work/text-limits.ts'
import { answer, call } from './goal/folder.ts'
import { agentFile } from './room/agents/project.ts'

// mistakes in agents of the program, of files and of run time, and in messages: each has a code, a place and a hint, and
// the conversation stays usable

const toolOf = (name: string, execute: () => unknown, input: z.ZodType = z.object({})) =>
  defineTool({ name, description: 'Is odd', effect: 'pure', input, execute } as never) as Tool
const odd = toolOf('odd', () => () => 'a function')
const deaf = toolOf('deaf', () => new Promise(() => {}))
const NUMBER = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] } as const

/** The agents of one kind are `KIND-odd`, `KIND-typed` and `KIND-offline`. */
const KINDS = ['code', 'file', 'put'] as const
const DEFINED: { readonly [name: string]: { readonly [key: string]: unknown } } = {
  odd: { tools: ['odd', 'deaf'], timeout: 0.3, retry: 0 },
  typed: { output: NUMBER },
  offline: { model: 'offline/extractive' },
}
const script = [
  { ...answer('well'), match: /Well\?$/ },
  { ...answer('sorry'), match: /odd was made|took longer/ },
  { ...call('odd', {}, Infinity), match: /Call odd\.$/ },
  { ...call('deaf', {}, Infinity), match: /Call deaf\.$/ },
  answer('twelve'),
]

let folder: string
let runtime: ServedRuntime
const open = async (agents: readonly Agent[], tools: readonly Tool[] = [], data = 'other') =>
  createRuntime(
    { ...(await loadConfig({ folder, data, environment: {} })), embedder: 'none' },
    { agents, tools, models: { 'lab/one': scriptedModel(script, 'lab/one') }, notice() {} },
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-bad-'))
  writeFileSync(
    join(folder, 'antiphon.yaml'),
    'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n',
  )
  mkdirSync(join(folder, 'agents'))
  const instructions = 'Go.'
  const of = (kind: string) => Object.entries(DEFINED).map(([name, keys]) => [`${kind}-${name}`, keys] as const)
  const coded = of('code').map(([name, keys]) => defineAgent({ name, instructions, ...keys }))
  const thrower = defineAgent({ name: 'thrower', instructions: () => Promise.reject(new Error('no network')) })
  const number = defineAgent({ name: 'number', instructions: (() => 5) as never })
  const clerk = defineAgent({ name: 'clerk', instructions: 'You keep notes.' })
  for (const [name, keys] of of('file')) {
    const lines = Object.entries({ tools: [], ...keys }).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    writeFileSync(join(folder, `agents/${name}.md`), agentFile('Is odd', ...lines))
  }
  runtime = await open([...coded, thrower, number, clerk], [odd, deaf], 'data')
  for (const [name, keys] of of('put')) await runtime.agents.put(name, { instructions, ...keys }, { owner: 'ann' })
})
afterAll(async () => {
  await runtime.stop({ grace: 0 })
  rmSync(folder, { recursive: true, force: true })
})

const send = (agent: string, text: string, conversation: string): Promise<MessageReply> =>
  runtime.conversations.send({ agent, text, conversation, owner: 'ann' })

async function staysUsable(conversation: string): Promise<void> {
  expect(await send('clerk', 'Well?', conversation)).toMatchObject({ status: 'completed', answer: 'well' })
}

type Defect = { readonly keys: object; readonly path: string; readonly hint: RegExp }
const DEFECTS: readonly (readonly [string, Defect])[] = [
  [
    'a tool that does not exist',
    { keys: { tools: ['filesystem:raed'] }, path: 'tools.0', hint: /mean filesystem:read/ },
  ],
  [
    'an output that no provider takes',
    { keys: { output: { type: 'object', not: { required: ['a'] } } }, path: 'output', hint: /or example/ },
  ],
  [
    'an output with a reference to another document',
    {
      keys: { output: { type: 'object', properties: { a: { $ref: 'https://example.com/a.json' } } } },
      path: 'output',
      hint: /or example/,
    },
  ],
  ['an output that is not an object', { keys: { output: { type: 'array' } }, path: 'output', hint: /into a property/ }],
  ['a deadline that is not a time', { keys: { deadline: 'soon' }, path: 'deadline', hint: /deadline: 20m/ }],
  ['an agent that does not exist', { keys: { agents: ['clrek'] }, path: 'agents.0', hint: /mean clerk/ }],
]

test.each(DEFECTS)('%s: in the program, in a file and at run time', async (_, { keys, path, hint }) => {
  const refused = { name: 'InvalidError', code: 'invalid_agent', hint: expect.stringMatching(hint) }
  const inCode = async () => {
    const clerk = defineAgent({ name: 'clerk', instructions: 'Go.' })
    await open([clerk, defineAgent({ name: 'bad', instructions: 'Go.', ...keys })])
  }
  await expect(inCode()).rejects.toMatchObject({ ...refused, place: { path } })
  const put = runtime.agents.put('bad', { instructions: 'Go.', ...keys }, { owner: 'ann' })
  await expect(put).rejects.toMatchObject({ ...refused, place: { path } })
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  writeFileSync(join(folder, 'agents/bad.md'), agentFile('Is wrong', ...lines))
  const place = { file: 'agents/bad.md', line: 3 }
  await expect(send('bad', 'Go.', 'defects')).rejects.toMatchObject({
    ...refused,
    place: expect.objectContaining(place),
  })
  rmSync(join(folder, 'agents/bad.md'))
  await staysUsable('defects')
})

test('two tools of one name, and parameters that no provider takes', async () => {
  const twin = toolOf('odd', () => 1)
  const define = (...tools: readonly Tool[]) => defineAgent({ name: 'bad', instructions: 'Go.', tools })
  const rename = { place: { path: 'tools' }, hint: expect.stringMatching(/another name/) }
  expect(() => define(odd, twin)).toThrow(expect.objectContaining({ code: 'invalid_agent', ...rename }))
  const other = defineAgent({ name: 'other', instructions: 'Go.', tools: [twin] })
  await expect(open([define(odd), other] as never)).rejects.toMatchObject({ code: 'tool_taken', ...rename })
  await expect(open([define(toolOf('text', () => 1, z.string()))] as never)).rejects.toMatchObject({
    ...{ code: 'invalid_agent', place: { path: 'tools' }, hint: expect.stringMatching(/an object/) },
  })
})

test.each(KINDS)('an agent without a model that can work, an output that never fits (%s)', async (kind) => {
  const lacks = { status: 'failed', problem: { code: 'no_agent_model', data: { path: 'model' } } }
  const offline = await send(`${kind}-offline`, 'Go.', `model-${kind}`)
  expect(offline).toMatchObject({
    ...lacks,
    problem: { ...lacks.problem, hint: expect.stringMatching(/another model/) },
  })
  await staysUsable(`model-${kind}`)
  const typed = await send(`${kind}-typed`, 'How many?', `output-${kind}`)
  expect(typed).toMatchObject({
    status: 'failed',
    problem: {
      code: 'invalid_output',
      data: { path: 'output', reply: 'twelve' },
      hint: expect.stringMatching(/Allow/),
    },
  })
  await staysUsable(`output-${kind}`)
})

test.each(KINDS)('a tool that returns a function, and one that never returns (%s)', async (kind) => {
  for (const [name, outcome, result] of [
    ['odd', 'made', /^The call of odd was made; its result does not fit: expected JSON, got a function\.$/],
    ['deaf', 'failed', /^timeout: deaf took longer than 0.3 s\. It did not stop, .+ \(Raise the timeout/],
  ] as const) {
    const reply = await send(`${kind}-odd`, `Call ${name}.`, `${name}-${kind}`)
    expect(reply).toMatchObject({ status: 'completed', answer: 'sorry' })
    const [round] = (await runtime.goals.get((reply as { goal: string }).goal)).rounds
    expect(round!.calls).toMatchObject([{ tool: name, outcome, result: expect.stringMatching(result) }])
    await staysUsable(`${name}-${kind}`)
  }
})

test('an exception in the instructions, and instructions that are not a text', async () => {
  const refused = {
    code: 'instructions_failed',
    place: { path: 'instructions' },
    hint: expect.stringMatching(/return a text/),
  }
  await expect(send('thrower', 'Go.', 'thrown')).rejects.toMatchObject({
    ...{ ...refused, message: 'The instructions of the agent thrower: the function failed: no network' },
  })
  await expect(send('number', 'Go.', 'thrown')).rejects.toMatchObject(refused)
  await staysUsable('thrown')
})

test.each<readonly [string, object, string, string, RegExp]>([
  [
    'a message that is too long',
    { text: 'x'.repeat(MAX_MESSAGE_CHARACTERS + 1) },
    'too_large',
    'text',
    /several messages/,
  ],
  ['an empty message', { text: ' ' }, 'invalid_input', 'text', /Say something/],
  ['a number as a message', { text: 5 }, 'invalid_input', 'text', /or example/],
  ['an id of a message that is not a text', { id: 5 }, 'invalid_input', 'id', /or example/],
  ['an odd id of a conversation', { conversation: 'a b\n' }, 'invalid_input', 'conversation', /letters, digits/],
  ['a conversation that is a folder', { conversation: '..' }, 'invalid_input', 'conversation', /letters, digits/],
  ['a conversation that is a number', { conversation: 5 }, 'invalid_input', 'conversation', /or example/],
])('%s', async (_, wrong, code, path, hint) => {
  const message = { agent: 'clerk', text: 'Hello.', conversation: 'odd-messages', owner: 'ann', ...wrong }
  await expect(runtime.conversations.send(message as never)).rejects.toMatchObject({
    ...{ name: 'InvalidError', code, place: { path }, hint: expect.stringMatching(hint) },
  })
  await staysUsable('odd-messages')
})

test('a message to the conversation of another owner', async () => {
  await staysUsable('of-ann')
  const foreign = { agent: 'clerk', text: 'Hello.', conversation: 'of-ann', owner: 'bob' }
  await expect(runtime.conversations.send(foreign)).rejects.toMatchObject({
    ...{ code: 'not_found', message: expect.stringContaining('of-ann'), hint: expect.stringMatching(/another name/) },
  })
  const { token } = await runtime.access.keys.create({ name: 'bob', owner: 'bob', scopes: ['run'] })
  const response = await createApp(runtime, { identify: identifyByKey(runtime.access) }).request(
    `/v1/conversations/${encodeURIComponent('ann:of-ann')}/messages`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ agent: 'clerk', text: 'Hello.' }),
    },
  )
  expect(await response.json()).toMatchObject({
    status: 404,
    code: 'not_found',
    hint: expect.stringMatching(/names an owner/),
  })
  await staysUsable('of-ann')
})
