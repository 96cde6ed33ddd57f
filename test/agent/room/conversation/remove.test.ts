import { expect, it } from 'vitest'
import { gate } from '../../../../src/testing/gate.ts'
import { until } from '../../../../src/testing/until.ts'
import { CLERK, call, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })
const message = (text: string, id: string) => ({ conversation: 'talk', agent: CLERK, text, id })

it('names a conversation for people, also while it works', async () => {
  const held = gate()
  const { runtime } = await openGoals([{ ...answer('Hello.'), gate: held.pass() }])
  await expect(runtime.threads.name('talk', 'Letters')).rejects.toMatchObject({ code: 'not_found' })
  await runtime.conversations.post(message('Hello.', 'm1'))
  await runtime.threads.name('talk', 'Letters')
  expect(await runtime.threads.list()).toMatchObject([{ id: 'talk', name: 'Letters', status: 'running', asked: 1 }])
  held.release()
  await runtime.idle()
  expect(await runtime.threads.list()).toMatchObject([{ name: 'Letters', status: 'completed' }])
  await runtime.threads.name('talk', '')
  expect((await runtime.threads.list())[0]).not.toHaveProperty('name')
})

it('removes a conversation with its goals and runs, and refuses messages to it', async () => {
  const { runtime, write, open } = await openGoals([call('filesystem_list', { path: '.' }), answer('One.')])
  write('a.txt', 'ebb')
  await runtime.conversations.send(message('List.', 'm1'))
  expect(await runtime.runs.get('talk.m1.1')).toMatchObject({ status: 'completed' })
  await runtime.threads.remove('talk')
  expect(await runtime.threads.list()).toEqual([])
  await expect(runtime.runs.get('talk.m1.1')).rejects.toMatchObject({ code: 'not_found' })
  await expect(runtime.goals.get('talk.m1')).rejects.toMatchObject({ code: 'not_found' })
  await runtime.stop()
  const { conversations, threads } = await open()
  const removed = { code: 'thread_removed', hint: expect.stringContaining('another id') }
  await expect(conversations.send(message('Again.', 'm2'))).rejects.toMatchObject(removed)
  // the old message, too
  await expect(conversations.send(message('List.', 'm1'))).rejects.toMatchObject(removed)
  await expect(conversations.get('talk', 'm1')).rejects.toMatchObject(removed)
  await expect(conversations.stop('talk')).rejects.toMatchObject(removed)
  await expect(conversations.events('talk')[Symbol.asyncIterator]().next()).rejects.toMatchObject(removed)
  await expect(threads.get('talk')).rejects.toMatchObject(removed)
  await expect(threads.remove('talk')).rejects.toMatchObject(removed)
  await expect(threads.name('talk', 'x')).rejects.toMatchObject(removed)
  await expect(threads.ask({ thread: 'talk', prompt: 'Hm?' })).rejects.toMatchObject(removed)
  // other owners do not learn that it existed
  await expect(conversations.send({ ...message('Hm?', 'm3'), owner: 'bob' })).rejects.toMatchObject({
    code: 'not_found',
  })
})

it('does not remove a conversation that works', async () => {
  const held = gate()
  const { runtime, model } = await openGoals([{ ...answer('Hello.'), gate: held.pass() }])
  await expect(runtime.threads.remove('talk')).rejects.toMatchObject({ code: 'not_found' })
  const reply = runtime.conversations.send(message('Hello.', 'm1'))
  await until(() => model.calls.length === 1)
  await expect(runtime.threads.remove('talk')).rejects.toMatchObject({ code: 'thread_at_work' })
  held.release()
  expect(await reply).toMatchObject({ answer: 'Hello.' })
  await runtime.threads.remove('talk')
})

it('streams a conversation whose older goals retention has removed', async () => {
  const { runtime } = await openGoals([answer('One.'), answer('Two.')])
  await runtime.conversations.send(message('Hello.', 'm1'))
  expect(await runtime.engine.ask({ kind: 'agent', key: 'talk.m1' }, { type: 'expire' })).toBe(true)
  await runtime.conversations.send(message('And now?', 'm2'))
  const seen: string[] = []
  for await (const { body } of runtime.conversations.events('talk')) {
    const { type } = body as { readonly type: string }
    seen.push(type)
    if (seen.filter((one) => one === 'ask-end').length === 2) break
  }
  expect(seen).toEqual([
    'ask-start',
    'ask-goal',
    'ask-end',
    'ask-start',
    'ask-goal',
    'goal-start',
    'round',
    'goal-end',
    'ask-end',
  ])
})
