import { expect, it } from 'vitest'
import { cursorOfItem } from '../../../src/index.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { heldYield, openFolder } from '../../runtime/inspect/folder.ts'

const LONG = `When does the ship leave? ${'The harbour is old. '.repeat(70)}`

function openNotes() {
  const folder = openFolder()
  folder.write('notes.md', 'The ship leaves the harbour at noon.')
  return { ...folder, files: [folder.path('notes.md')] }
}

it('a question to a user outlasts the process, and so does the answer', async () => {
  const { open, files } = openNotes()
  const first = await open()
  await first.threads.ask({ thread: 'main', id: 'one', prompt: LONG, files })
  await first.threads.ask({ thread: 'main', id: 'two', prompt: 'When does the ship leave?' })
  await first.stop()
  const second = await open()
  const [question] = (await second.threads.get('main')).consents!
  expect(question).toMatchObject({ message: 1, ask: 'two', length: LONG.length })
  expect(await second.inbox.consent('two', [{ message: 1, answer: 'remove' }])).toEqual([
    { message: 1, inPrompts: 'removed' },
  ])
  expect((await second.threads.get('main')).status).toBe('completed')
  await second.stop()
  const third = await open()
  expect((await third.threads.messages('main'))[0]).toMatchObject({ text: LONG, inPrompts: 'removed' })
  expect(await third.inbox.consent('one', [{ message: 1, answer: 'restore' }])).toEqual([
    { message: 1, inPrompts: 'whole' },
  ])
  await third.threads.ask({ thread: 'main', id: 'three', prompt: 'When does the ship leave?' })
  expect((await third.threads.get('main')).consents).toBeUndefined()
})

it('an answer is taken though an ask that an earlier process left is not gone on with', async () => {
  const { open, files } = openNotes()
  const first = await open()
  await first.threads.ask({ thread: 'main', id: 'one', prompt: LONG, files })
  await first.stop()
  const hold = gate()
  const second = await open([], [heldYield(hold)])
  await second.threads.startAsk({ thread: 'main', id: 'two', prompt: 'When does the ship leave?' })
  await hold.started
  await second.stop({ grace: 0 })
  const third = await open()
  expect(await third.inbox.consent('one', [{ message: 1, answer: 'remove' }])).toMatchObject([{ inPrompts: 'removed' }])
  expect(await third.threads.getAsk('main', 'two')).toMatchObject({ status: 'running' })
})

it('the inbox lists what threads ask their users, one thread at a place, page by page', async () => {
  const { open, files } = openNotes()
  const runtime = await open()
  const prompt = 'When does the ship leave?'
  for (const [thread, owner] of [
    ['a', 'ann'],
    ['b', 'bob'],
    ['c', 'ann'],
  ] as const) {
    await runtime.threads.ask({ thread, owner, prompt: LONG, files })
    await runtime.threads.ask({ thread, owner, id: `asks-${thread}`, prompt: LONG })
    await runtime.threads.ask({ thread, owner, id: `last-${thread}`, prompt })
  }
  const [first, ...others] = await runtime.inbox.list({ owner: 'ann' })
  expect(others).toMatchObject([{ thread: 'c' }])
  const asked = { length: LONG.length, since: expect.any(Number), text: LONG.slice(0, 200) }
  expect(first).toEqual({
    kind: 'consent',
    thread: 'a',
    ask: 'asks-a',
    owner: 'ann',
    since: expect.any(Number),
    title: 'May prompts have a summary of 2 long messages?',
    messages: [
      { message: 1, ask: 'asks-a', ...asked },
      { message: 3, ask: 'last-a', ...asked },
    ],
    expects: { type: 'consent', choices: ['keep', 'summarise', 'remove'] },
  })
  const threads = async (after?: string) => {
    const [item] = await runtime.inbox.list({ limit: 1, ...(after !== undefined && { after }) })
    return item as { readonly thread: string } & typeof item
  }
  const one = await threads()
  expect(one!.thread).toBe('a')
  expect((await threads(cursorOfItem(one!)))!.thread).toBe('b')
  await runtime.inbox.consent('asks-a', [{ message: 1, answer: 'keep' }])
  expect((await runtime.inbox.list({ owner: 'ann' }))[0]).toMatchObject({ thread: 'a', messages: [{ message: 3 }] })
})

it('a thread that waits for a decision, too, lists both, whatever the page', async () => {
  const { open, files } = openNotes()
  const runtime = await open()
  await runtime.threads.ask({ thread: 'main', prompt: LONG, files })
  await runtime.threads.startAsk({ thread: 'main', id: 'two', prompt: 'When does the ship leave?', recursion: 'step' })
  await until(async () => (await runtime.threads.getAsk('main', 'two')).proposal !== undefined)
  const both = await runtime.inbox.list({ limit: 1 })
  expect(both.map(({ kind }) => kind)).toEqual(['decision', 'consent'])
  expect(await runtime.inbox.list({ after: cursorOfItem(both.at(-1)!) })).toEqual([])
  await runtime.inbox.consent('two', [{ message: 1, answer: 'keep' }])
  expect((await runtime.inbox.list()).map(({ kind }) => kind)).toEqual(['decision'])
  await runtime.inbox.decide('two', { decision: 'accept' })
  await runtime.idle()
  expect(await runtime.inbox.list()).toEqual([])
})
