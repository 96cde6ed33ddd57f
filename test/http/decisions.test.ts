import { expect, it } from 'vitest'
import { createApp } from '../../src/http/server/app.ts'
import { until } from '../../src/testing/index.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

async function openStepping() {
  const { write, path, open } = openFolder()
  write('notes.md', 'The ship leaves the harbour at noon.')
  const runtime = await open()
  const app = createApp(runtime)
  const body = { prompt: 'When does the ship leave?', files: [path('notes.md')], recursion: 'step' }
  const send = async (method: string, path: string, body: object, headers = {}) => {
    const sent = { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
    const response = await app.request(`/v1${path}`, sent)
    return { status: response.status, body: (await response.json()) as { readonly [field: string]: unknown } }
  }
  const read = async () => (await (await app.request('/v1/threads/main/asks/one')).json()) as AskShown
  return {
    begin: () => send('PUT', '/threads/main/asks/one', body),
    read,
    parked: (cycle = 1) => until(async () => (await read()).proposal?.cycle === cycle),
    decide: (body: object, headers = {}, ask = 'one') => send('POST', `/asks/${ask}/decision`, body, headers),
  }
}
type AskShown = { readonly status: string; readonly cycles: number; readonly proposal?: { readonly cycle: number } }

it('a decision is made once under an Idempotency-Key, and refused where it cannot be', async () => {
  const { begin, parked, read, decide } = await openStepping()
  expect((await begin()).status).toBe(202)
  await parked()
  const loop = { decision: 'loop', target: 'understanding', prompt: 'Which harbour?' }
  const key = { 'idempotency-key': 'k1' }
  const first = await decide(loop, key)
  expect(first).toEqual({ status: 200, body: { ...loop, thread: 'main', reason: 'decided' } })
  await parked(2)
  expect(await decide(loop, key)).toEqual(first)
  expect((await read()).proposal?.cycle).toBe(2)
  expect(await decide({ decision: 'yield' }, key)).toMatchObject({ status: 422, body: { code: 'key_reused' } })
  await decide(loop)
  await parked(3)
  expect(await decide({ decision: 'loop' })).toMatchObject({
    status: 409,
    body: { code: 'no_more_cycles', hint: expect.stringContaining('yield') },
  })
  expect(await decide({ decision: 'accept' })).toMatchObject({ status: 200, body: { decision: 'yield' } })
  await until(async () => (await read()).status === 'completed')
  expect(await read()).not.toHaveProperty('proposal')
  expect(await decide({ decision: 'accept' })).toMatchObject({ status: 409, body: { code: 'not_waiting' } })
  expect(await decide({ decision: 'accept' }, {}, 'other')).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

it.each([{}, { decision: 'wait' }, { decision: 'loop', target: 'yield' }, { decision: 'loop', more: 1 }])(
  'refuses %j',
  async (body) => {
    const { decide } = await openStepping()
    expect(await decide(body)).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
  },
)
