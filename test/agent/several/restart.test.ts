import { expect, test } from 'vitest'
import { answer, call } from '../goal/folder.ts'
import { once, openTeam } from './team.ts'

const APPEND = call('filesystem_append', { path: 'log.txt', content: 'x' })

test.each([
  [
    'a question',
    'g.1.call_1',
    [call('agent_writer', { goal: 'Go.' }), APPEND, once('written'), answer('well')],
    'well',
  ],
  ['a hand-off', 'g.1.hand_off', [call('hand_off_writer', {}), APPEND, answer('written')], 'written'],
])('%s goes on in another process, once the person below has answered', async (_, below, script, said) => {
  const { runtime, open } = await openTeam(script)
  await runtime.goals.start({ agent: 'lead', goal: 'Go.', id: 'g' })
  // nothing here can go on without a person
  await runtime.idle()
  await runtime.stop()
  const next = await open()
  expect(await next.inbox.list()).toMatchObject([
    { run: `${below}.1`, title: 'Call filesystem:append? path "log.txt", content "x"' },
  ])
  await next.runs.signal(`${below}.1`, 'approve_call_1', 'approve')
  await next.idle()
  expect(await next.goals.get(below)).toMatchObject({ status: 'completed', answer: 'written' })
  expect(await next.goals.get('g')).toMatchObject({ status: 'completed', answer: said })
})

test('a run rests while a goal below waits for its limit, and goes on with it', async () => {
  const { runtime, open, write } = await openTeam([call('filesystem_read', { path: 'a.txt' }), answer('written')], {
    writer: ['description: Writes', 'maxTurns: 1'],
  })
  write('a.txt', 'ebb')
  const text = 'name: ask\nsteps:\n  - { id: write, action: agent, parameters: { agent: writer, goal: Go. } }\n'
  const { id } = await runtime.runs.start({ source: { text } })
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'waiting' })
  await runtime.stop()
  const next = await open()
  await next.goals.resume(`${id}.write`)
  await next.idle()
  expect(await next.runs.get(id)).toMatchObject({ status: 'completed' })
})

test('a goal that was cut off while it thought goes on with the work above it', async () => {
  const gate = Promise.withResolvers<void>()
  const { runtime, open, model } = await openTeam([
    call('agent_reviewer', { goal: 'Go.' }),
    { gate: gate.promise, reply: 'good', times: 1 },
    once('good'),
    answer('well'),
  ])
  await runtime.goals.start({ agent: 'lead', goal: 'Go.', id: 'g' })
  await expect.poll(() => model.calls.length).toBe(2)
  await runtime.stop({ grace: 0 })
  const next = await open()
  await next.goals.resume('g')
  await next.idle()
  expect(await next.goals.get('g')).toMatchObject({ status: 'completed', answer: 'well' })
})
