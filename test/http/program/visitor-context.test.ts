import { expect, it } from 'vitest'
import { createMounts, type RequestOwner } from '../../../src/http/program/handler.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { answer, call, openGoals } from '../../agent/goal/folder.ts'
import { tool } from '../../pipeline/workshop.ts'
import { ANN, send } from './mounts.ts'

const talk = '/v1/conversations/talk/messages'
const hello = { agent: 'clerk', text: 'Hello.', wait: true }
const CONTEXT = { customer: 'shopper-42' }

/** A handler that gives each visitor a context, and the contexts that the tool of its agent got. */
async function openShop(context: unknown = CONTEXT) {
  const seen: unknown[] = []
  const look = defineTool(
    tool(
      'look',
      (_, { owner, conversation, context: given }) => {
        seen.push([owner, conversation ?? null, given ?? null])
        return {}
      },
      'pure',
    ),
  )
  const script = [1, 2, 3].flatMap(() => [call('look', {}), { ...answer('done'), times: 1 }])
  const opened = await openGoals(script, '', { tools: [look] })
  const { runtime, folder, write } = opened
  write('clerk.md', '---\ndescription: d\ntools: [look]\n---\nLook.\n')
  await runtime.agents.put('clerk', { instructions: 'Look.', tools: ['look'] }, { owner: 'ann' })
  const mounts = createMounts({ runtime, stop: runtime.stop }, { folder, data: folder }, { agents: ['clerk'] })
  const scopes = ['talk', 'run', 'read', 'approve']
  const owner = () => ({ owner: 'ann', scopes, context }) as RequestOwner
  return { ...mounts, runtime, seen, visit: mounts.handler({ owner }) }
}

it('the tools of what a visitor starts get the context that the program gives, and the visitor does not see it', async () => {
  const { visit, fetch, runtime, seen } = await openShop()
  const chat = { id: 'chat', messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hi.' }] }] }
  expect((await send(visit, talk, { body: hello, headers: ANN })).document).toMatchObject({ answer: 'done' })
  const { response } = await send(visit, '/v1/agents/clerk/chat', { body: chat, headers: ANN })
  expect(await response.text()).toContain('[DONE]')
  await send(visit, '/v1/agents/clerk/goals', { body: { goal: 'Go.' }, headers: ANN })
  await runtime.idle()
  expect(seen).toEqual(['talk', 'chat', null].map((conversation) => ['ann', conversation, CONTEXT]))
  const { token } = await runtime.access.keys.create({ name: 'staff', owner: 'ann', scopes: ['read'] })
  const key = { authorization: `Bearer ${token}` }
  const goal = (await runtime.goals.list({ owner: 'ann' }))[0]!.id
  for (const path of [`/v1/goals/${goal}`, `/v1/runs/${goal}.1`]) {
    expect((await send(fetch, path, { headers: key })).document.context).toEqual(CONTEXT)
    expect(JSON.stringify((await send(visit, path, { headers: ANN })).document)).not.toContain('shopper-42')
  }
})

it('a visitor may not send a context, with whatever scopes, and a key may', async () => {
  const { visit, fetch, runtime, seen } = await openShop(undefined)
  for (const [path, body] of [
    [talk, hello],
    ['/v1/agents/clerk/goals', { goal: 'Go.' }],
    ['/v1/runs', { source: { text: 'name: p\nsteps: [{ id: a, tool: look }]\n' } }],
  ] as const) {
    const { status, code, document } = await send(visit, path, { body: { ...body, context: CONTEXT }, headers: ANN })
    expect([path, status, code]).toEqual([path, 403, 'not_for_visitors'])
    expect(document.hint).toContain('owner: () => ({ owner, context })')
  }
  const { token } = await runtime.access.keys.create({ name: 'shop', owner: 'ann', scopes: ['run'] })
  const headers = { authorization: `Bearer ${token}` }
  const sent = await send(fetch, talk, { body: { ...hello, context: CONTEXT }, headers })
  expect(sent.document).toMatchObject({ answer: 'done' })
  expect(seen).toEqual([['ann', 'talk', CONTEXT]])
})

it('a context of the program that is not JSON is refused before anything begins', async () => {
  const { visit, seen } = await openShop({ until: new Date(0) })
  const { status, document } = await send(visit, talk, { body: hello, headers: ANN })
  expect([status, document.code, document.detail]).toEqual([
    ...[403, 'owner_refused', '`context`: expected JSON, got a Date at until'],
  ])
  expect(seen).toEqual([])
})
