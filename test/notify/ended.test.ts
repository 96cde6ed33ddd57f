import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/engine/engine.ts'
import { type EndedWork, inlineEngine } from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { BROKEN, officeClock, openOffice, receiverAt } from './office.ts'
import { openReceiver } from './receiver.ts'

const HELLO = `name: hello
steps:
  - { id: say, tool: debug, parameters: { message: hello } }
`
const PARENT = `name: parent
steps:
  - { id: below, tool: pipeline-executor, parameters: { pipeline: hello.yaml } }
`
type Runtime = Awaited<ReturnType<ReturnType<typeof openOffice>['open']>>

const isLooking = async ({ engine }: Runtime) =>
  (await engine.view.peek({ kind: 'notice-horizon', key: 'ended' })) !== undefined

async function run(runtime: Runtime, id: string, text = HELLO) {
  await runtime.runs.start({ source: { text }, id })
  await runtime.idle()
}

test('work that completes is announced by name, owner and duration, also by the next process', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([204], clock)
  const { open, pass, write } = openOffice([receiverAt(url)], clock)
  const before = await open()
  await run(before, 'old')
  await clock.advance(5000)
  await before.stop()
  expect(received).toEqual([])

  write([receiverAt(url, { events: ['completed'] })])
  const first = await open()
  await pass(() => isLooking(first))
  await first.runs.start({ source: { text: HELLO }, id: 'new', owner: 'ann' })
  await run(first, 'broken', BROKEN)
  await pass(() => received.length > 0)
  await first.stop()
  // this process ends before it looks
  const blind = await open({ background: false })
  await run(blind, 'unseen')
  await blind.stop()
  await open()
  await pass(() => received.length > 1)
  expect(received.map(({ body: { type, data } }) => ({ type, ...data }))).toMatchObject([
    { type: 'completed', kind: 'run', run: 'new', pipeline: 'hello', owner: 'ann', duration: expect.any(Number) },
    { type: 'completed', kind: 'run', run: 'unseen', pipeline: 'hello', owner: 'local' },
  ])
})

test('a goal is announced with its cost, and cancelled work as such', async () => {
  const { received, url } = await openReceiver()
  const { open, startGate } = openOffice([receiverAt(url, { events: ['completed', 'cancelled'] })], officeClock(), {
    model: 'lab/one',
    models: [{ id: 'lab/one', cost: { input: 10, output: 10 } }],
  })
  const model = scriptedModel([{ reply: 'Done.', usage: { input: 10, output: 10 } }])
  const runtime = await open({ models: { 'lab/one': model }, clock: systemClock })
  await expect.poll(() => isLooking(runtime)).toBe(true)
  const agent = { name: 'clerk', description: 'd', instructions: 'i', tools: [], skills: [], approve: [] }
  await runtime.conversations.send({ conversation: 'talk', agent, text: 'Go', id: 'm1' })
  await startGate(runtime, 'letter')
  await runtime.runs.cancel('letter', 'no longer needed')
  await expect.poll(() => received.length).toBe(2)
  const data = received.map(({ body }) => ({ type: body.type, ...body.data }))
  expect(data.toSorted((a, b) => a.type.localeCompare(b.type))).toMatchObject([
    { type: 'cancelled', kind: 'run', run: 'letter', pipeline: 'gate' },
    {
      type: 'completed',
      kind: 'goal',
      goal: 'talk.m1',
      agent: 'clerk',
      thread: 'talk',
      cost: expect.closeTo(0.0002, 6),
    },
  ])
})

test('`onEnd` is called for the ends of work that no other work has started, and again after it threw', async () => {
  const clock = officeClock()
  const { open, pass, folder } = openOffice([], clock)
  writeFileSync(`${folder}/hello.yaml`, HELLO)
  const ended: EndedWork[] = []
  let isBroken = true
  const onEnd = (work: EndedWork) => {
    if (isBroken) throw new Error('the database is away')
    ended.push(work)
  }
  const runtime = await open({ onEnd })
  await pass(() => isLooking(runtime))
  await run(runtime, 'parent', PARENT)
  await run(runtime, 'broken', BROKEN)
  await pass(async () => (await runtime.notices.list()).filter(({ problem }) => problem).length === 2)
  expect(await runtime.notices.list()).toMatchObject([
    { receiver: 'the program', problem: { code: 'notice_refused', message: '`onEnd` failed: the database is away' } },
    { receiver: 'the program' },
  ])
  isBroken = false
  const texts = [{ name: 'bridge.txt', text: 'The bridge opens at nine.' }]
  for (const id of ['q1', 'q2'])
    await runtime.threads.ask({ thread: 'main', prompt: 'When does the bridge open?', texts, id })
  await pass(() => ended.length === 4)
  const asked = { status: 'completed', kind: 'ask', name: 'main', owner: 'local' }
  expect(ended.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
    {
      ...{ status: 'failed', kind: 'run', id: 'broken', name: 'broken', owner: 'local' },
      ...{ endedAt: expect.any(Number), duration: expect.any(Number), code: expect.any(String) },
    },
    {
      ...{ status: 'completed', kind: 'run', id: 'parent', name: 'parent', owner: 'local' },
      ...{ endedAt: expect.any(Number), duration: expect.any(Number) },
    },
    expect.objectContaining({ id: 'q1', ...asked }),
    expect.objectContaining({ id: 'q2', ...asked }),
  ])
})

test('an end that was announced is forgotten with time, and not announced again', async () => {
  const clock = officeClock()
  const ended: EndedWork[] = []
  const { open, pass } = openOffice([], clock)
  const runtime = await open({ onEnd: (work) => void ended.push(work) })
  await pass(() => isLooking(runtime))
  await run(runtime, 'one')
  await pass(() => ended.length === 1)
  await pass(async () => (await runtime.engine.view.list('notice')).length === 0, 60_000)
  await runtime.stop()
  const next = await open({ onEnd: (work) => void ended.push(work) })
  await run(next, 'two')
  await pass(() => ended.length > 1)
  expect(ended.map(({ id }) => id)).toEqual(['one', 'two'])
})

test('a process without `onEnd` neither ends nor repeats the calls of the program', async () => {
  const clock = officeClock()
  const ended: string[] = []
  const { open, pass } = openOffice([receiverAt('http://127.0.0.1:9/')], clock)
  const first = await open({ onEnd: ({ id }) => void ended.push(id) })
  await pass(() => isLooking(first))
  await run(first, 'told')
  await pass(() => ended.length === 1)
  await first.stop()
  const noticesOf = ({ engine }: Runtime) => engine.view.list('notice', { where: { receiver: 'program' } })
  const broken = await open({
    onEnd() {
      throw new Error('away')
    },
  })
  await run(broken, 'untold')
  await pass(async () => (await noticesOf(broken)).length === 2)
  await broken.stop()

  const without = await open()
  for (let seconds = 0; seconds < 60; seconds++) await clock.advance(1000)
  expect((await noticesOf(without)).map(({ index }) => index.status).toSorted()).toEqual(['delivered', 'pending'])
  await without.stop()
  const again = await open({ onEnd: ({ id }) => void ended.push(id) })
  await pass(() => ended.length > 1, 60_000)
  expect(ended).toEqual(['told', 'untold'])
  await again.stop()
})

test.each([
  ['`onEnd` is', [], { onEnd: () => {} }],
  ['`completed` and `cancelled` under `notify:` are', ['completed'], {}],
])('%s refused by name where the engine does not tell which actors change', async (name, events, parts) => {
  const { open } = openOffice(events.length > 0 ? [receiverAt('http://127.0.0.1:9/', { events })] : [])
  const opening = open({ engine: ({ actors }) => inlineEngine({ actors }), ...parts })
  await expect(opening).rejects.toMatchObject({
    message: expect.stringContaining(`${name} available on the engine libsql alone`),
    code: 'other_engine',
  })
})
