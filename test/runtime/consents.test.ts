import { expect, it } from 'vitest'
import { gate } from '../../src/testing/index.ts'
import { heldYield, openFolder } from './inspect/folder.ts'

const LONG = `When does the ship leave? ${'The harbour is old. '.repeat(70)}`

function openNotes() {
  const folder = openFolder()
  folder.write('notes.md', 'The ship leaves the harbour at noon.')
  return { ...folder, files: [folder.path('notes.md')] }
}

it('a question to a user outlasts the process, and so does the answer', async () => {
  const { open, files } = openNotes()
  const first = await open()
  await first.ask({ thread: 'main', id: 'one', prompt: LONG, files })
  await first.ask({ thread: 'main', id: 'two', prompt: 'When does the ship leave?' })
  await first.stop()
  const second = await open()
  const [question] = (await second.thread('main')).consents!
  expect(question).toMatchObject({ message: 1, ask: 'two', length: LONG.length })
  expect(await second.consentAsk('two', [{ message: 1, answer: 'remove' }])).toEqual([
    { message: 1, inPrompts: 'removed' },
  ])
  expect((await second.thread('main')).status).toBe('completed')
  await second.stop()
  const third = await open()
  expect((await third.messages('main'))[0]).toMatchObject({ text: LONG, inPrompts: 'removed' })
  expect(await third.consentAsk('one', [{ message: 1, answer: 'restore' }])).toEqual([
    { message: 1, inPrompts: 'whole' },
  ])
  await third.ask({ thread: 'main', id: 'three', prompt: 'When does the ship leave?' })
  expect((await third.thread('main')).consents).toBeUndefined()
})

it('an answer is taken though an ask that an earlier process left is not gone on with', async () => {
  const { open, files } = openNotes()
  const first = await open()
  await first.ask({ thread: 'main', id: 'one', prompt: LONG, files })
  await first.stop()
  const hold = gate()
  const second = await open([], [heldYield(hold)])
  await second.startAsk({ thread: 'main', id: 'two', prompt: 'When does the ship leave?' })
  await hold.started
  await second.stop({ grace: 0 })
  const third = await open()
  expect(await third.consentAsk('one', [{ message: 1, answer: 'remove' }])).toMatchObject([{ inPrompts: 'removed' }])
  expect(await third.askDocument('main', 'two')).toMatchObject({ status: 'running' })
})
