import { expect, it } from 'vitest'
import { cursorOfItem } from '../../../src/index.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const PROMPT = 'When does the ship leave?'

function openNotes() {
  const folder = openFolder()
  folder.write('notes.md', 'The ship leaves the harbour at noon.')
  const request = { thread: 'main', prompt: PROMPT, files: [folder.path('notes.md')], recursion: 'step' as const }
  return { ...folder, request }
}

const parked = (runtime: Runtime, id: string, cycle = 1) =>
  until(async () => {
    // a moment before it is taken there is none
    const ask = await runtime.threads.getAsk('main', id).catch(() => undefined)
    return ask?.proposal?.cycle === cycle
  })

it('a question waits for a decision through a restart, holds no process, and goes on when it is decided', async () => {
  const { open, request } = openNotes()
  const first = await open()
  await first.threads.startAsk({ ...request, id: 'one' })
  await parked(first, 'one')
  await first.idle()
  expect(await first.threads.getAsk('main', 'one')).toMatchObject({
    status: 'running',
    proposal: { decision: 'yield', cycle: 1, mayLoop: true, gaps: [] },
  })
  await first.stop()
  const second = await open()
  expect(await second.inspector.stranded()).toEqual([])
  expect(await second.serving.threadOfAsk('one')).toBe('main')
  expect(await second.inbox.decide('one', { decision: 'loop', target: 'observation' })).toMatchObject({
    decision: 'loop',
    target: 'observation',
  })
  await parked(second, 'one', 2)
  await second.idle()
  await second.inbox.decide('one', { decision: 'accept' })
  await second.idle()
  expect(await second.threads.getAsk('main', 'one')).toMatchObject({ status: 'completed', cycles: 2 })
  const answer = await second.threads.ask({ ...request, id: 'one' })
  expect(answer.answer).toContain('noon')
})

it('a waiting caller gets the answer after the decision', async () => {
  const { open, request } = openNotes()
  const runtime = await open()
  const answer = runtime.threads.ask({ ...request, id: 'one' })
  await parked(runtime, 'one')
  await runtime.inbox.decide('one', { decision: 'yield' })
  expect(await answer).toMatchObject({ status: 'completed' })
  const bodies: { readonly type?: string; readonly reason?: string }[] = []
  for await (const { body } of runtime.threads.askEvents('main', 'one')) bodies.push(body as (typeof bodies)[number])
  expect(bodies.filter(({ type }) => /^decision/.test(type!)).map(({ type, reason }) => [type, reason])).toEqual([
    ['decision-wait', expect.any(String)],
    ['decision', 'decided'],
  ])
})

it('the same id decides once; what waits for nothing, is over or was never asked is refused', async () => {
  const { open, request } = openNotes()
  const runtime = await open()
  await runtime.threads.startAsk({ ...request, id: 'one' })
  await parked(runtime, 'one')
  const decided = await runtime.inbox.decide('one', { decision: 'loop', target: 'understanding' }, { id: 'dec_1' })
  await parked(runtime, 'one', 2)
  expect(await runtime.inbox.decide('one', { decision: 'loop', target: 'understanding' }, { id: 'dec_1' })).toEqual(
    decided,
  )
  await parked(runtime, 'one', 2)
  await runtime.threads.startAsk({ ...request, id: 'two' })
  await expect(runtime.inbox.decide('two', { decision: 'yield' })).rejects.toMatchObject({ code: 'not_waiting' })
  await runtime.threads.cancelAsk('main', 'one', 'enough')
  await expect(runtime.inbox.decide('one', { decision: 'yield' })).rejects.toMatchObject({ code: 'not_waiting' })
  await expect(runtime.inbox.decide('three', { decision: 'yield' })).rejects.toMatchObject({ code: 'not_found' })
  await parked(runtime, 'two')
  await runtime.inbox.decide('two', { decision: 'accept' })
  await runtime.idle()
  expect(await runtime.threads.getAsk('main', 'two')).toMatchObject({ status: 'completed' })
  await expect(runtime.inbox.decide('two', { decision: 'yield' })).rejects.toMatchObject({ code: 'not_waiting' })
})

it('the inbox of an owner lists waits for decisions with steps, the longest first, page by page', async () => {
  const { open, write, path, request } = openNotes()
  write('wait.yaml', 'name: wait\nsteps: [{ id: ask, tool: wait-for-signal, parameters: { prompt: Well? } }]\n')
  const runtime = await open()
  await runtime.threads.startAsk({ ...request, id: 'one', owner: 'ann' })
  await until(async () => (await runtime.inbox.list()).length === 1)
  const { id: run } = await runtime.runs.start({ file: path('wait.yaml') })
  await until(async () => (await runtime.inbox.list()).length === 2)
  await runtime.threads.startAsk({ ...request, thread: 'second', id: 'two' })
  await until(async () => (await runtime.inbox.list()).length === 3)
  const [one, ...others] = await runtime.inbox.list()
  expect(one).toMatchObject({
    kind: 'decision',
    thread: 'main',
    ask: 'one',
    owner: 'ann',
    title: expect.stringMatching(/^Understanding proposes to answer: /),
    proposal: { decision: 'yield', cycle: 1 },
    expects: { type: 'decision', choices: ['accept', 'yield', 'loop'] },
  })
  expect(others).toMatchObject([{ run }, { ask: 'two', owner: 'local' }])
  const second = await runtime.inbox.list({ limit: 1, after: cursorOfItem(one!) })
  expect(second).toMatchObject([{ run }])
  expect(await runtime.inbox.list({ limit: 2, after: cursorOfItem(second[0]!) })).toMatchObject([{ ask: 'two' }])
  expect(await runtime.inbox.list({ run })).toMatchObject([{ run }])
  expect(await runtime.inbox.list({ owner: 'ann' })).toMatchObject([{ ask: 'one' }])
  await runtime.inbox.decide('one', { decision: 'accept' })
  expect(await runtime.inbox.list()).toMatchObject([{ run }, { ask: 'two' }])
})

it('why says that it waits for a decision', async () => {
  const { open, request } = openNotes()
  const runtime = await open()
  await runtime.threads.startAsk({ ...request, id: 'one' })
  await parked(runtime, 'one')
  expect(await runtime.inspector.why('one')).toMatchObject({
    of: 'chain/main',
    holds: [{ type: 'decision', name: 'one', since: expect.any(Number) }],
    waitsFor: [],
  })
})
