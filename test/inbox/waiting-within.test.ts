import { expect, it } from 'vitest'
import { z } from 'zod'
import { cursorOfItem, type InboxQuery } from '../../src/inbox/room/port.ts'
import { defineTool } from '../../src/index.ts'
import { until } from '../../src/testing/until.ts'
import { CLERK, openGoals } from '../agent/goal/folder.ts'

const order = 'lamp '.repeat(4000)
const refund = defineTool({
  ...{ name: 'refund', description: 'Pays money back', effect: 'at-most-once', approve: true },
  input: z.object({ order: z.string() }),
  execute: () => 'paid',
})
const agent = { ...CLERK, tools: ['refund'], approve: 'none' as const }
const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'

it('lists what waits in a goal or a thread, also if the name of another one begins alike', async () => {
  const script = [
    { match: 'Fail', error: { statusCode: 401, message: 'No such key' } },
    { calls: [{ name: 'refund', input: { order } }] },
  ]
  const { runtime } = await openGoals(script, '', { tools: [refund] })
  const { runs, conversations, goals, inbox } = runtime
  const count = async (many: number) => until(async () => (await inbox.list()).length === many)
  await runs.start({ source: { text: GATE } })
  for (const conversation of ['shop', 'shop.m1']) await conversations.post({ conversation, agent, text: 'Pay it back' })
  await count(3)
  await goals.start({ agent, goal: 'Pay it back', id: 'goal_1' })
  await goals.start({ agent, goal: 'Pay it back', id: 'goal_11', owner: 'ann' })
  await count(5)

  const runsIn = async (query: InboxQuery) =>
    (await inbox.list(query)).map((item) => ('run' in item ? item.run : item.kind))
  expect(await runsIn({ thread: 'shop' })).toEqual(['shop.m1.1'])
  expect(await runsIn({ thread: 'shop.m1' })).toEqual(['shop.m1.m1.1'])
  expect(await runsIn({ goal: 'shop.m1' })).toEqual(['shop.m1.1'])
  expect(await runsIn({ goal: 'goal_1' })).toEqual(['goal_1.1'])
  expect(await runsIn({ goal: 'goal_11', owner: 'ann' })).toEqual(['goal_11.1'])
  expect(await runsIn({ goal: 'goal_11', owner: 'local' })).toEqual([])
  expect(await runsIn({ thread: 'none' })).toEqual([])

  const [whole] = await inbox.list({ goal: 'goal_1', content: 'whole' })
  expect(whole).toMatchObject({ content: { order }, digest: expect.any(String) })
  const after = cursorOfItem(whole!)
  expect(await runsIn({ goal: 'goal_1', after })).toEqual([])

  // a goal that waits itself
  await conversations.post({ conversation: 'desk', agent, text: 'Fail' })
  await count(6)
  for (const within of [{ thread: 'desk' }, { goal: 'desk.m1' }]) expect(await runsIn(within)).toEqual(['goal'])
})
