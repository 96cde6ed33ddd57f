import { expect, it } from 'vitest'
import { createApp } from '../../src/http/server/app.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const LONG = `When does the ship leave? ${'The harbour is old. '.repeat(70)}`

async function openLong() {
  const { write, path, open } = openFolder()
  write('notes.md', 'The ship leaves the harbour at noon.')
  const runtime = await open()
  const app = createApp(runtime)
  const read = async (path: string) => (await (await app.request(`/v1${path}`)).json()) as Shown
  await runtime.threads.ask({ thread: 'main', id: 'one', prompt: LONG, files: [path('notes.md')] })
  await runtime.threads.ask({ thread: 'main', id: 'two', prompt: 'When does the ship leave?' })
  return {
    read,
    async say(body: object, ask = 'two') {
      const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const response = await app.request(`/v1/asks/${ask}/consent`, sent)
      return { status: response.status, body: await response.json() }
    },
    inPrompts: async () => (await read('/threads/main/messages')).items!.map(({ inPrompts }) => inPrompts),
  }
}
type Shown = {
  readonly consents?: readonly unknown[]
  readonly items?: readonly { readonly inPrompts?: string; readonly text: string }[]
}

it('a thread and its ask show the question to the user; it is answered, and the answer undone; messages have the whole text', async () => {
  const { read, say, inPrompts } = await openLong()
  const asked = [{ message: 1, ask: 'two', length: LONG.length, since: expect.any(Number) }]
  expect((await read('/threads/main')).consents).toEqual(asked)
  expect((await read('/threads/main/asks/two')).consents).toEqual(asked)
  expect(await read('/threads/main/asks/one')).not.toHaveProperty('consents')
  expect(await say({ message: 1, answer: 'summarise' })).toEqual({
    status: 200,
    body: { items: [{ message: 1, inPrompts: 'summary' }] },
  })
  expect(await inPrompts()).toEqual(['summary', 'whole', 'whole', 'whole'])
  expect((await read('/threads/main/messages')).items![0]!.text).toBe(LONG)
  expect(await read('/threads/main')).not.toHaveProperty('consents')
  const answers = [
    { message: 1, answer: 'remove' },
    { message: 2, answer: 'remove' },
  ]
  expect((await say({ answers }, 'one')).status).toBe(200)
  expect(await inPrompts()).toEqual(['removed', 'removed', 'whole', 'whole'])
  await say({ message: 1, answer: 'restore' })
  expect(await inPrompts()).toEqual(['whole', 'removed', 'whole', 'whole'])
})

it.each([
  {},
  { message: 1, answer: 'shorten' },
  { message: 0, answer: 'keep' },
  { answers: [] },
  { message: 1, answer: 'keep', more: 1 },
])('refuses %j', async (body) => {
  const { say } = await openLong()
  expect(await say(body)).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
})

it('a missing message is reported', async () => {
  const { say } = await openLong()
  const keep = (message: number) => ({ message, answer: 'keep' })
  expect(await say(keep(9))).toMatchObject({
    status: 404,
    body: { code: 'not_found', detail: expect.stringContaining('Message 9') },
  })
  expect(await say(keep(1), 'other')).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('no ask other') },
  })
})
