import { expect, it } from 'vitest'
import { z } from 'zod'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { cursorOfItem, type InboxQuery } from '../../src/inbox/room/port.ts'
import { defineTool } from '../../src/index.ts'
import { until } from '../../src/testing/until.ts'
import { CLERK, openGoals } from '../agent/goal/folder.ts'

const refund = defineTool({
  ...{ name: 'refund', description: 'Pays money back', effect: 'at-most-once', approve: true },
  input: z.object({ order: z.string() }),
  title: 'Refund order {order}?',
  execute: () => 'paid',
})
const CLERKS = [CLERK, { ...CLERK, name: 'night-clerk' }].map((one) => ({
  ...one,
  tools: ['refund'],
  approve: 'none' as const,
}))
const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'

it('lists what waits for an agent, for a tool and of an owner, the longest wait first, page by page', async () => {
  const script = [
    { match: 'Fail', error: { statusCode: 401, message: 'No such key' } },
    { calls: [{ name: 'refund', input: { order: 'lamp' } }] },
  ]
  const { runtime } = await openGoals(script, '', { tools: [refund] })
  const { runs, goals, inbox, access } = runtime
  const count = async (many: number) => until(async () => (await inbox.list()).length === many)
  await runs.start({ source: { text: GATE }, id: 'gate' })
  await count(1)
  for (const [place, [agent, owner]] of [
    [CLERKS[0]!, 'ann'] as const,
    [CLERKS[1]!, 'ann'] as const,
    [CLERKS[0]!, 'bob'] as const,
  ].entries()) {
    await goals.start({ agent, goal: 'Pay it back', id: `goal_${place}`, owner })
    await count(place + 2)
  }
  await goals.start({ agent: CLERKS[1]!, goal: 'Fail', id: 'goal_3', owner: 'bob' })
  await count(5)

  const keyOf = (item: object) => ('run' in item ? item.run : (item as { readonly goal?: string }).goal)
  const found = async (query: InboxQuery) => (await inbox.list(query)).map(keyOf)
  expect(await found({ tool: 'refund' })).toEqual(['goal_0.1', 'goal_1.1', 'goal_2.1'])
  expect(await found({ agent: 'clerk' })).toEqual(['goal_0.1', 'goal_2.1'])
  expect(await found({ agent: 'night-clerk' })).toEqual(['goal_1.1', 'goal_3'])
  expect(await found({ agent: 'night-clerk', tool: 'refund' })).toEqual(['goal_1.1'])
  expect(await found({ owner: 'bob' })).toEqual(['goal_2.1', 'goal_3'])
  expect(await found({ goal: 'goal_1', agent: 'clerk' })).toEqual([])
  expect(await found({ tool: 'refunds' })).toEqual([])
  const [first] = await inbox.list({ tool: 'refund', limit: 1 })
  expect(first).toMatchObject({ title: 'Refund order "lamp"?', agent: 'clerk', owner: 'ann' })
  expect(await found({ tool: 'refund', limit: 1, after: cursorOfItem(first!) })).toEqual(['goal_1.1'])

  const app = createApp(runtime, { identify: identifyByKey(access) })
  const ask = async (owner: string, query: string, scopes: readonly string[]) => {
    const { token } = await access.keys.create({ name: `${owner}-${query}`, owner, scopes: scopes as never })
    const response = await app.request(`/v1/inbox?${query}`, { headers: { authorization: `Bearer ${token}` } })
    return ((await response.json()) as { readonly items: readonly object[] }).items.map(keyOf)
  }
  expect(await ask('local', 'owner=bob&tool=refund', ['admin'])).toEqual(['goal_2.1'])
  // an owner sees nothing of another one
  expect(await ask('ann', 'owner=bob', ['read'])).toEqual([])
  expect(await ask('ann', 'agent=clerk', ['read'])).toEqual(['goal_0.1'])
})
