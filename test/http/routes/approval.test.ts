import { expect, it } from 'vitest'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { post } from '../bench.ts'

const GATES = `name: gates
steps:
  - { id: first, tool: approval-gate, parameters: { title: The first? } }
  - { id: second, tool: approval-gate, depends_on: [first], parameters: { title: The second? } }
  - { id: word, tool: wait-for-signal, depends_on: [second], parameters: { signal: word } }
  - { id: last, tool: approval-gate, depends_on: [word], parameters: { title: The last? } }
outputs: { first: "{{ first.result.approved }}", second: "{{ second.result.approved }}", word: "{{ word.result.value }}" }
`

/** A run that waits at its first gate, and how to send it something. */
async function openGates() {
  const folder = openFolder()
  folder.write('gates.yaml', GATES)
  const runtime = await folder.open()
  await runtime.runs.start({ file: folder.path('gates.yaml'), id: 'run_g' })
  return { folder, runtime, ...sendingTo(runtime) }
}

function sendingTo(runtime: ServedRuntime) {
  const app = createApp(runtime)
  async function send(path: string, body: object, key?: string) {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    const response = await app.request(`/v1/runs/run_g/${path}`, post(JSON.stringify(body), headers))
    return { status: response.status, body: (await response.json()) as object }
  }
  const waitsAt = (signal: string) =>
    until(async () => (await runtime.inbox.list({ run: 'run_g' })).some((item) => item.signal === signal))
  return { app, send, waitsAt }
}

const TAKEN = { status: 200, body: { status: 'taken' } }
const NOT_WAITING = { status: 409, body: { code: 'not_waiting' } }

it.each([
  ['its id', { id: 'a1' }, undefined],
  ['its Idempotency-Key', {}, 'k1'],
])('an approval repeated under %s is taken once, and approves no other gate', async (_, body, key) => {
  const { send, waitsAt, runtime } = await openGates()
  await waitsAt('first')
  expect(await send('approve', body, key)).toEqual(TAKEN)
  await waitsAt('second')
  expect(await send('approve', body, key)).toEqual(TAKEN)
  expect(await runtime.inbox.list({ run: 'run_g' })).toMatchObject([{ signal: 'second' }])
  expect(await send('approve', {})).toEqual(TAKEN)
  await waitsAt('word')
  expect(await send('approve', body, key)).toEqual(TAKEN)
  expect(await send('approve', {})).toMatchObject(NOT_WAITING)
})

it('an approval repeated under its id after a restart answers as before', async () => {
  const { folder, runtime, send, waitsAt } = await openGates()
  await waitsAt('first')
  await send('approve', { id: 'a1' })
  await waitsAt('second')
  await send('approve', {}, 'k2')
  await waitsAt('word')
  await runtime.stop({ grace: 0 })
  const again = sendingTo(await folder.open())
  expect(await again.send('approve', { id: 'a1' })).toEqual(TAKEN)
  expect(await again.send('approve', {}, 'k2')).toEqual(TAKEN)
  expect(await again.send('signal', { name: 'word', value: 1 }, 'k3')).toEqual(TAKEN)
})

it('an approval that came too early is taken under the same id once the run waits for it', async () => {
  const { send, waitsAt } = await openGates()
  await waitsAt('first')
  await send('approve', {})
  await waitsAt('second')
  await send('approve', {})
  await waitsAt('word')
  expect(await send('approve', { id: 'early' })).toMatchObject(NOT_WAITING)
  await send('signal', { name: 'word', value: 1 })
  await waitsAt('last')
  expect(await send('approve', { id: 'early' })).toEqual(TAKEN)
})

it('a signal is sent once under an Idempotency-Key', async () => {
  const { send, runtime } = await openGates()
  const kept = { status: 200, body: { status: 'kept' } }
  expect(await send('signal', { name: 'word', value: 1 }, 'k1')).toEqual(kept)
  expect(await send('signal', { name: 'word', value: 1 }, 'k1')).toEqual(kept)
  expect(await send('signal', { name: 'word', value: 2 }, 'k1')).toMatchObject({
    status: 422,
    body: { code: 'key_reused' },
  })
  for (const signal of ['first', 'second', 'last']) await runtime.runs.signal('run_g', signal, { action: 'approve' })
  await until(async () => (await runtime.runs.get('run_g')).status === 'completed')
  expect((await runtime.runs.get('run_g')).outputs).toMatchObject({ word: 1 })
})

it('an Idempotency-Key takes a corrected answer after a refused one', async () => {
  const { send, waitsAt } = await openGates()
  await waitsAt('first')
  const wrong = { action: 'modify' }
  expect(await send('approve', wrong, 'k1')).toMatchObject({ status: 400, body: { code: 'bad_value' } })
  expect(await send('approve', { action: 'approve' }, 'k1')).toEqual(TAKEN)
})

it('the id of an approval counts for its run, and is another answer in another one', async () => {
  const { folder, runtime, send, waitsAt } = await openGates()
  await runtime.runs.start({ file: folder.path('gates.yaml'), id: 'run_h' })
  await waitsAt('first')
  expect(await send('approve', { id: 'a1' })).toEqual(TAKEN)
  const app = createApp(runtime)
  const client = createClient((request) => app.fetch(request))
  await until(async () => (await runtime.inbox.list({ run: 'run_h' })).length === 1)
  expect(await client.inbox.approve('run_h', { id: 'a1' })).toEqual({ status: 'taken' })
  expect(await client.inbox.approve('run_h', { id: 'a1' })).toEqual({ status: 'taken' })
  const other = client.runs.signal('run_h', 'second', { action: 'reject' }, { id: 'a1' })
  await expect(other).rejects.toMatchObject({ code: 'id_taken' })
})
