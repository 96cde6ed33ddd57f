import { expect, test } from 'vitest'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { BROKEN, officeClock, openOffice, PUBLIC, receiverAt } from './office.ts'
import { openReceiver } from './receiver.ts'

const tokenIn = (url: string) => url.slice(`${PUBLIC}v1/links/`.length)

test('the link of a notice answers its question, and ends with it', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([204], clock)
  const { open, pass, startGate } = openOffice([receiverAt(url)], clock)
  const runtime = await open()
  const { links } = runtime.access
  await startGate(runtime, 'letter')
  await startGate(runtime, 'other')
  await pass(() => received.length === 2)
  const tokenOf = (run: string) => tokenIn(received.find(({ body }) => body.data.run === run)!.body.data.link.url)

  expect(await links.read(tokenOf('letter'))).toMatchObject({
    run: 'letter',
    item: { title: 'Send the secret letter?' },
  })
  expect(await links.use(tokenOf('letter'), { action: 'approve' })).toMatchObject({ status: 'taken' })
  await expect(links.read(tokenOf('letter'))).rejects.toMatchObject({ code: 'link_used' })

  await runtime.runs.signal('other', 'ok', { action: 'reject', reason: 'no' })
  await expect(links.read(tokenOf('other'))).rejects.toMatchObject({ code: 'link_over' })
  await expect(links.use(tokenOf('other'), { action: 'approve' })).rejects.toMatchObject({ code: 'link_over' })
  await pass(async () => (await runtime.engine.view.list('notice')).length === 0)
  expect(received.length).toBe(2)
})

test('work that fails is announced by the next process, too, and older failures are not', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([204], clock)
  const { open, pass, write } = openOffice([], clock)
  const fail = async (runtime: Awaited<ReturnType<typeof open>>, id: string) => {
    await runtime.runs.start({ source: { text: BROKEN }, id })
    await runtime.idle()
    await clock.advance(1000)
  }
  const before = await open()
  await fail(before, 'old')
  expect(before.status().notices).toBeUndefined()
  expect((await before.engine.view.inspect()).filter(({ of }) => of.kind.startsWith('notice'))).toEqual([])
  await before.stop()

  write([receiverAt(url, { events: ['failed'] })])
  const first = await open()
  await pass(async () => (await first.engine.view.peek({ kind: 'notice-horizon', key: 'failed' })) !== undefined)
  await first.stop()
  // this process ends before it looks
  const blind = await open({ background: false })
  await fail(blind, 'new')
  await blind.stop()
  await open()
  await pass(() => received.length > 0)
  expect(received.map(({ body }) => body)).toMatchObject([
    { type: 'failed', data: { kind: 'run', run: 'new', pipeline: 'broken', code: expect.any(String) } },
  ])
})

test('a message that fails is announced as its goal, and a question as itself', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([204], clock)
  const { open, pass } = openOffice([receiverAt(url, { events: ['failed'] })], clock, {
    model: 'lab/one',
    models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  })
  const runtime = await open({ models: { 'lab/one': scriptedModel([]) } })
  await pass(async () => (await runtime.engine.view.peek({ kind: 'notice-horizon', key: 'failed' })) !== undefined)
  const agent = { name: 'clerk', description: 'd', instructions: 'i', tools: [], skills: [], approve: [] }
  await runtime.conversations.send({ conversation: 'talk', agent, text: 'Go', id: 'm1' })
  await expect(runtime.threads.ask({ thread: 'main', prompt: 'Why?', id: 'q1' })).rejects.toThrow()
  await pass(() => received.length === 2)
  const data = received.map(({ body }) => body.data).toSorted((a, b) => (String(a.kind) < String(b.kind) ? -1 : 1))
  expect(data).toMatchObject([
    { kind: 'ask', ask: 'q1', thread: 'main', code: 'invalid_input' },
    { kind: 'goal', goal: 'talk.m1', agent: 'clerk', thread: 'talk', code: expect.any(String) },
  ])
})

test('a process that ends sends what began to wait a moment ago', async () => {
  const { received, url } = await openReceiver([204], officeClock())
  const { open, startGate } = openOffice([receiverAt(url)])
  const runtime = await open()
  await startGate(runtime)
  await runtime.stop()
  expect(received.length).toBe(1)
})
