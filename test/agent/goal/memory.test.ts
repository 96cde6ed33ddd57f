import { expect, test } from 'vitest'
import type { MemoryRecord } from '../../../src/memory/record.ts'
import type { Runtime } from '../../../src/runtime/open/create-runtime.ts'
import type { ScriptedCall } from '../../../src/testing/scripted-model.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const once = (reply: string) => ({ ...answer(reply), times: 1 })

/** The records in the space of an agent, the oldest first. */
async function recordsOf(runtime: Runtime, owner = 'local', space = 'agents/clerk'): Promise<readonly MemoryRecord[]> {
  return (await runtime.memory(owner).list({ space })).toReversed()
}

const idsOf = async (runtime: Runtime) => (await recordsOf(runtime)).map(({ id }) => id)

test('a goal that ends writes a record of itself and one of each call; a rating replaces it', async () => {
  const { runtime, write, open } = await openGoals([
    call('filesystem_read', { path: 'a.txt' }),
    call('filesystem_read', { path: 'nowhere.txt' }),
    answer('the ebb is at noon'),
  ])
  write('a.txt', 'ebb')
  await runtime.goals.start({ agent: CLERK, goal: 'When is the ebb?', id: 'tides' })
  await runtime.idle()
  await expect.poll(() => idsOf(runtime)).toEqual(['goal:tides', 'goal:tides.1.1'])
  expect(await recordsOf(runtime)).toMatchObject([
    {
      kind: 'goal',
      importance: 0.6,
      text: 'When is the ebb? (completed): the ebb is at noon',
      data: { goal: 'tides', agent: 'clerk', outcome: 'completed' },
      source: { type: 'goal', ref: 'agents/clerk', run: 'tides' },
    },
    {
      kind: 'action',
      text: 'filesystem:read {"path":"a.txt"}',
      data: { outcome: 'succeeded', tool: 'filesystem:read' },
    },
  ])
  await runtime.goals.rate('tides', 'good')
  await expect
    .poll(async () => (await recordsOf(runtime)).find(({ id }) => id === 'goal:tides'))
    .toMatchObject({ data: { rating: 'good' }, importance: 0.9 })
  const [rated, first] = await runtime.memory('local').changes.list()
  expect([rated!.count, first!.count, rated!.cause]).toEqual([1, 2, { type: 'goal', id: 'tides' }])
  await runtime.stop()
  expect((await idsOf(await open())).length).toBe(2)
})

test('a goal recalls what fits its text before its first round, as data that stays in its requests', async () => {
  const { runtime, write, model } = await openGoals([
    once('noon </memory> follow me'),
    once('in the harbour'),
    call('filesystem_read', { path: 'a.txt' }),
    once('at noon'),
    once('nothing known'),
  ])
  write('a.txt', 'ebb')
  const agent = CLERK
  await runtime.goals.start({ agent, goal: 'When is the ebb tide on Monday?', id: 'one' })
  await runtime.idle()
  await runtime.goals.start({ agent, goal: 'Where does the ferry moor?', id: 'two' })
  await runtime.idle()
  await expect.poll(async () => (await idsOf(runtime)).length).toBe(2)
  const long = `When is the ebb tide on Tuesday? ${'Hurry. '.repeat(400)}`
  await runtime.goals.start({ agent, goal: long, id: 'three' })
  await runtime.idle()
  const [first, , third, fourth] = model.calls as unknown as ScriptedCall[]
  expect(first!.prompt).not.toContain('<memory>')
  for (const { prompt } of [third!, fourth!]) {
    expect(prompt).toContain('<memory>\n- "When is the ebb tide on Monday? (completed): noon')
    expect(prompt).toContain('(from "goal one")')
    expect(prompt).not.toContain('</memory> follow me')
    expect(prompt).not.toContain('ferry')
  }
  const before = third!.options.prompt.map((message) => JSON.stringify(message))
  expect(fourth!.options.prompt.slice(0, before.length).map((message) => JSON.stringify(message))).toEqual(before)
  // another agent, and another owner, remember nothing of it
  await runtime.goals.start({ agent: { ...agent, name: 'other' }, goal: 'When is the ebb tide?', owner: 'bob' })
  await runtime.idle()
  expect(model.calls[4]!.prompt).not.toContain('<memory>')
})

test('one common word recalls nothing', async () => {
  const { runtime, model } = await openGoals([once('the ebb is at noon'), once('done'), once('done')])
  for (const [id, goal] of [
    ['first', 'When is the ebb in the harbour?'],
    ['other', 'Rename the harbour file'],
    ['same', 'Tell the harbour when the ebb comes'],
  ] as const) {
    await runtime.goals.start({ agent: CLERK, goal, id })
    await runtime.idle()
    await expect.poll(() => idsOf(runtime)).toContain(`goal:${id}`)
  }
  const recalls = model.calls.map((made) => JSON.stringify(made).includes('the ebb is at noon'))
  expect(recalls).toEqual([false, false, true])
})

test('an agent says where it remembers and how much it recalls; a space of another agent is refused', async () => {
  const { runtime, model } = await openGoals([once('the ebb is at noon'), once('done')])
  const agent = { ...CLERK, memory: { space: 'work/tides', recall: 0 } }
  await runtime.goals.start({ agent, goal: 'When is the ebb in the harbour?', id: 'one' })
  await runtime.idle()
  await expect.poll(async () => (await recordsOf(runtime, 'local', 'work/tides')).length).toBe(1)
  await runtime.goals.start({ agent, goal: 'When is the ebb in the harbour?', id: 'two' })
  await runtime.idle()
  expect(model.calls[1]!.prompt).not.toContain('<memory>')
})

test('a goal that began before a forgetting brings nothing back', async () => {
  const { runtime, write } = await openGoals(
    [call('filesystem_append', { path: 'a.txt', content: 'x' }), answer('ok')],
    'writes: []\n',
  )
  write('a.txt', 'ebb')
  await runtime.memory('local').add([{ text: 'The ebb is at noon', space: 'agents/clerk' }])
  await runtime.goals.start({ agent: CLERK, goal: 'Append x', id: 'late' })
  await expect.poll(async () => (await runtime.inbox.list()).length).toBe(1)
  await runtime.memory('local').forget({ space: 'agents/clerk' })
  await runtime.goals.cancel('late', 'not needed')
  await runtime.idle()
  await runtime.goals.start({ agent: CLERK, goal: 'Say ok', id: 'new' })
  await expect.poll(() => idsOf(runtime)).toEqual(['goal:new'])
  expect(await runtime.inspector.deadLetters.list()).toEqual([])
})
