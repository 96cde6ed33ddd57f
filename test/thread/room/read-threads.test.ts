import { expect, it } from 'vitest'
import { cursorOfThread } from '../../../src/index.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { heldYield, openFolder } from '../../runtime/inspect/folder.ts'

const PROMPT = 'When does the ship leave?'

function openNotes() {
  const folder = openFolder()
  folder.write('notes.md', 'The ship leaves at noon.')
  return { ...folder, files: [folder.path('notes.md')] }
}

it('a thread is read with its asks and what was said, also after a restart', async () => {
  const { open, files } = openNotes()
  const first = await open()
  const before = Date.now()
  const answer = await first.threads.ask({ thread: 'main', prompt: PROMPT, files, id: 'one', owner: 'ann' })
  await first.threads.ask({ thread: 'main', prompt: 'And where to?', id: 'two', owner: 'ann' }).catch(() => {})
  await first.stop()
  const runtime = await open()
  const thread = await runtime.threads.get('main')
  expect(thread).toMatchObject({ id: 'main', owner: 'ann', asked: 2 })
  expect(thread.asks.map(({ id, n, prompt }) => [id, n, prompt])).toEqual([
    ['one', 1, PROMPT],
    ['two', 2, 'And where to?'],
  ])
  const [one] = thread.asks
  expect(one).toMatchObject({ thread: 'main', status: 'completed', answer: answer.answer, citations: answer.citations })
  expect(one!.askedAt).toBeGreaterThanOrEqual(before)
  expect(one!.endedAt).toBeGreaterThanOrEqual(one!.askedAt!)
  expect(thread.startedAt).toBe(one!.askedAt)
  expect(await runtime.threads.getAsk('main', 'one')).toEqual(one)
  const said = await runtime.threads.messages('main')
  expect(said.slice(0, 3)).toMatchObject([
    { n: 1, ask: 'one', role: 'user', text: PROMPT, at: one!.askedAt },
    { n: 2, ask: 'one', role: 'assistant', text: answer.answer, at: one!.endedAt },
    { n: 3, ask: 'two', role: 'user' },
  ])
  expect(await runtime.threads.messages('main', { after: 1, limit: 1 })).toEqual([said[1]])
  expect(await runtime.threads.messages('main', { after: said.at(-1)!.n })).toEqual([])
  await expect(runtime.threads.get('other')).rejects.toMatchObject({ code: 'not_found' })
  expect(await runtime.threads.messages('other')).toEqual([])
  await expect(runtime.threads.getAsk('main', 'three')).rejects.toMatchObject({ code: 'not_found' })
})

it('threads are listed by owner, page by page, without those of steps', async () => {
  const { write, path, open, files } = openNotes()
  const steps = ['own', 'named'].map(
    (id) =>
      `  - { id: ${id}, action: chain, parameters: { prompt: ${PROMPT}, files: [notes.md]${id === 'named' ? ', thread: by-step' : ''} } }`,
  )
  write('ask.yaml', `name: ask\nsteps:\n${steps.join('\n')}\n`)
  const runtime = await open()
  for (const [thread, owner] of [
    ['a', 'ann'],
    ['b', 'ann'],
    ['c', 'bob'],
    ['d', 'ann'],
  ] as const)
    await runtime.threads.ask({ thread, prompt: PROMPT, files, owner })
  const { id } = await runtime.runs.start({ file: path('ask.yaml') })
  await runtime.idle()
  expect((await runtime.runs.get(id)).status).toBe('completed')
  const names = async (query: object) => (await runtime.threads.list(query)).map((thread) => thread.id)
  expect(await names({})).toEqual(['by-step', 'd', 'c', 'b', 'a'])
  expect(await names({ owner: 'local' })).toEqual(['by-step'])
  const [newest] = await runtime.threads.list({ owner: 'ann', limit: 1 })
  expect(newest).toMatchObject({ id: 'd', owner: 'ann', status: 'completed', asked: 1 })
  await runtime.threads.ask({ thread: 'e', prompt: PROMPT, files, owner: 'ann' })
  expect(await names({ owner: 'ann', after: cursorOfThread(newest!) })).toEqual(['b', 'a'])
})

it('an ask begins without waiting for its answer, and is cancelled', async () => {
  const { open, files } = openNotes()
  const hold = gate()
  const runtime = await open([], [heldYield(hold)])
  expect(await runtime.threads.startAsk({ thread: 'main', prompt: PROMPT, files, id: 'one' })).toEqual({ id: 'one' })
  expect(await runtime.threads.startAsk({ thread: 'main', prompt: PROMPT, files, id: 'one' })).toEqual({ id: 'one' })
  await runtime.threads.startAsk({ thread: 'main', prompt: PROMPT, id: 'two' })
  expect(await runtime.threads.getAsk('main', 'one')).toMatchObject({ status: 'running', prompt: PROMPT })
  expect(await runtime.threads.getAsk('main', 'two')).toMatchObject({ status: 'queued' })
  expect((await runtime.threads.get('main')).asked).toBe(2)
  await runtime.threads.cancelAsk('main', 'two', 'enough')
  await until(async () => (await runtime.threads.getAsk('main', 'two')).status === 'cancelled')
  await hold.started
  hold.release()
  expect(await runtime.threads.ask({ thread: 'main', prompt: PROMPT, id: 'one' })).toMatchObject({ answer: 'at noon' })
  await expect(runtime.threads.cancelAsk('main', 'one', 'late')).rejects.toMatchObject({ code: 'ask_over' })
  await expect(runtime.threads.cancelAsk('main', 'none', 'late')).rejects.toMatchObject({ code: 'not_found' })
  await expect(runtime.threads.startAsk({ thread: 'main', prompt: PROMPT, owner: 'ann' })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(runtime.threads.startAsk({ thread: 'fresh', prompt: ' ' })).rejects.toMatchObject({
    name: 'InvalidError',
  })
  await expect(runtime.threads.get('fresh')).rejects.toMatchObject({ code: 'not_found' })
})

it("an error of a program's phase shows no secret of the environment", async () => {
  const { open } = openNotes()
  const failing = {
    ...heldYield(gate()),
    run: () => Promise.reject(new Error('cannot log in with key-of-the-lab')),
  }
  const runtime = await open([], [failing], { LAB_API_KEY: 'key-of-the-lab' })
  const text = 'The ship leaves the harbour at noon.'
  await runtime.threads
    .ask({ thread: 'main', prompt: PROMPT, texts: [{ name: 'a.md', text }], id: 'one' })
    .catch(() => {})
  const told = JSON.stringify(await runtime.threads.getAsk('main', 'one'))
  expect(told).toContain('cannot log in with [redacted]')
  expect(told).not.toContain('key-of-the-lab')
})
