import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type LateCall, lateText } from '../../../src/agent/context/late-result.ts'
import { inVisitorWords } from '../../../src/http/authorize/visitor-words.ts'
import { answer, call } from '../../agent/goal/folder.ts'
import { ANN, openMounts, send } from './mounts.ts'

const CALLS = [
  call('filesystem_read', { path: 'shop/private.txt' }),
  call('filesystem_list', { path: 'shop' }),
  { ...answer('Done.'), times: 1 },
]

/** A handler of visitors, and one of staff, of an agent that reads a file and lists a folder. */
async function openShop(show?: string) {
  const mounts = await openMounts({
    script: [...CALLS, ...CALLS.map((turn) => ({ ...turn }))],
    yaml: 'roots: [shop]\nwrites: [shop]\n',
  })
  mkdirSync(mounts.path('shop'))
  const line = show === undefined ? '' : `show: ${show}\n`
  const head = `---\ndescription: Keeps notes\ntools: [filesystem:read, filesystem:list]\napprove: none\n${line}---\n`
  mounts.write('agents/clerk.md', `${head}You keep notes.\n`)
  mounts.write('shop/private.txt', 'the margin is 40 %')
  const visit = mounts.handler({ owner: ({ headers }) => headers.get('user'), agents: ['clerk'] })
  return { ...mounts, visit }
}

const chat = { id: 'talk', messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Read.' }] }] }
const agUi = { threadId: 'talk', runId: 'u1', messages: [{ id: 'u1', role: 'user', content: 'Read.' }] }

/** The events of a stream as their data. */
async function eventsOf(response: Response) {
  const text = await response.text()
  return text
    .split('\n')
    .flatMap((line) =>
      line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as { readonly [field: string]: unknown }] : [],
    )
}

it('a page for useChat shows that a call is made, and neither its parameters nor its result', async () => {
  const { visit } = await openShop()
  const { response } = await send(visit, '/v1/agents/clerk/chat', { body: chat, headers: ANN })
  const chunks = await eventsOf(response)
  expect(chunks.filter(({ type }) => type === 'tool-input-available')).toMatchObject([
    { toolName: 'filesystem:read', dynamic: true, input: {} },
    { toolName: 'filesystem:list', dynamic: true, input: {} },
  ])
  expect(chunks.filter(({ type }) => type === 'tool-output-available')[0]).toMatchObject({ output: null })
  expect(JSON.stringify(chunks)).not.toMatch(/private|margin/)
  expect(JSON.stringify(chunks)).toContain('Done.')
})

it('a page for AG-UI shows that a call is made, and neither its parameters nor its result', async () => {
  const { visit } = await openShop('none')
  const { response } = await send(visit, '/v1/agents/clerk/ag-ui', { body: agUi, headers: ANN })
  const events = await eventsOf(response)
  expect(events.filter(({ type }) => type === 'TOOL_CALL_START')).toMatchObject([
    { toolCallName: 'filesystem:read' },
    { toolCallName: 'filesystem:list' },
  ])
  expect(events.filter(({ type }) => type === 'TOOL_CALL_ARGS')).toMatchObject([{ delta: '{}' }, { delta: '{}' }])
  expect(JSON.stringify(events)).not.toMatch(/private|margin/)
})

it.each([
  ['all', true],
  ['[filesystem]', true],
  ['[filesystem:read]', true],
  ['[file, filesystem:write]', false],
  ['none', false],
])('with `show: %s` a visitor sees parameters and result of a call: %s', async (show, isShown) => {
  const { visit, runtime } = await openShop(show)
  const { response } = await send(visit, '/v1/agents/clerk/chat', { body: chat, headers: ANN })
  const text = JSON.stringify(await eventsOf(response))
  expect([/private/.test(text), /margin/.test(text)]).toEqual([isShown, isShown])
  const [goal] = await runtime.goals.list()
  expect(JSON.stringify((await runtime.goals.get(goal!.id)).rounds)).toContain('margin')
})

it('the scope `read` shows visitors all of their own work, and staff see all', async () => {
  const { visit, handler, runtime } = await openShop()
  await (await send(visit, '/v1/agents/clerk/chat', { body: chat, headers: ANN })).response.text()
  const [goal] = await runtime.goals.list()
  const path = `/v1/goals/${goal!.id}`
  for (const owner of [
    { owner: 'ann', scopes: ['talk', 'read'] },
    { staff: 'eva', scopes: ['read'], owners: 'all' },
  ] as const) {
    const text = JSON.stringify((await send(handler({ owner: () => owner, agents: ['clerk'] }), path)).document)
    expect(text).toContain('the margin')
  }
})

it('a message with the result of an earlier call does not repeat the call to a visitor', () => {
  const late = {
    id: 'c',
    name: 'pay',
    tool: 'pay',
    parameters: { iban: 'DE1' },
    late: { outcome: 'succeeded', output: 'r1' },
  }
  const text = lateText([late as LateCall])
  const port = { get: async () => ({ type: 'goal-message', text, told: [text, 'Hello.'], goal: text, said: [1] }) }
  const words = 'The result of an earlier call has come.'
  // `told` is for models, and a visitor gets nothing of it
  return expect(inVisitorWords(port).get()).resolves.toEqual({ type: 'goal-message', text: words, goal: words })
})
