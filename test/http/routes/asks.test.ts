import { expect, it } from 'vitest'
import { is } from '../../../src/errors.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { collect, openApp, post } from '../bench.ts'

it('answers a question, with its sources', async () => {
  const { client } = openApp()
  const answer = await client.threads.ask({ thread: 'main', prompt: 'Why?', files: ['/tmp/a.md'], id: 'ask_7' })
  expect(answer).toMatchObject({
    id: 'ask_7',
    thread: 'main',
    answer: 'So: Why? <vid>v1</vid>',
    citations: [{ file: '/tmp/a.md' }],
  })
})

it('follows a question that is on its way: durable events by number, tokens without', async () => {
  const { client } = openApp()
  const following = collect(client.threads.askEvents('main', 'ask_7'))
  await client.threads.ask({ thread: 'main', prompt: 'Why?', id: 'ask_7' })
  const happened = (await following).map(({ n, body }) => ({ n, type: (body as { type: string }).type }))
  expect(happened.filter(({ n }) => n !== undefined)).toEqual([
    { n: 1, type: 'ask-start' },
    { n: 2, type: 'phase-start' },
    { n: 3, type: 'phase-end' },
    { n: 4, type: 'ask-end' },
  ])
  const place = (type: string) => happened.findIndex((happening) => happening.type === type)
  expect(place('text-delta')).toBeGreaterThanOrEqual(0)
  expect(place('text-delta')).toBeLessThan(place('phase-end'))
})

it('refuses a thread name that is none', async () => {
  const { app } = openApp()
  const response = await app.request('/v1/threads/a.b/asks', post('{"prompt":"x"}'))
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('letters, digits') })
})

it('passes on why there is no answer', async () => {
  const { client } = openApp()
  const error = await client.threads.ask({ thread: 'main', prompt: 'nothing' }).catch((error: unknown) => error)
  expect(is(error, 'InvalidError')).toBe(true)
})

it('keeps the key of a question that was asked and has no answer', async () => {
  const runtime = await openFolder().open()
  const app = createApp(runtime)
  const ask = async (prompt: string) => {
    const body = JSON.stringify({ prompt, texts: [{ name: 'ships.md', text: 'The ship leaves at noon.' }] })
    const response = await app.request('/v1/threads/main/asks', post(body, { 'idempotency-key': 'k1' }))
    return ((await response.json()) as { readonly code?: string }).code
  }
  expect([await ask('Who pays?'), await ask('When does the ship leave?')]).toEqual(['refused', 'key_reused'])
  expect([await ask('Who pays?'), (await runtime.threads.get('main')).asked]).toEqual(['refused', 1])
})
