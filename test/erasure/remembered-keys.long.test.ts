import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { openWorkshop } from './workshop.ts'

async function openServer() {
  const { open } = openWorkshop()
  const runtime = await open()
  const app = createApp(runtime, { identify: identifyByKey(runtime.access) })
  const { token } = await runtime.access.keys.create({
    name: 'laptop',
    owner: 'ada',
    scopes: ['memory', 'read', 'run'],
  })
  const send = (body: string | ReadableStream<Uint8Array>, more: RequestInit = {}) =>
    app.request('/v1/memory/records', {
      ...{ method: 'POST', body, duplex: 'half' as const, ...more },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more.headers },
    })
  return { runtime, send, note: JSON.stringify({ records: [{ text: 'a kiln' }] }) }
}

it('a key that was used a moment ago writes nothing after its owner was forgotten', async () => {
  const { runtime, send, note } = await openServer()
  expect((await send(note)).status).toBe(200)
  const going = runtime.erasures.forget('ada')
  let isDone = false
  void going.then(() => {
    isDone = true
  })
  while (!isDone) {
    await send(note, { headers: { 'idempotency-key': 'k' } })
    await setImmediate()
  }
  expect(await going).toMatchObject({ status: 'done' })
  expect((await send(note)).status).toBe(401)
  expect(await runtime.memory('ada').list()).toEqual([])
  expect(await runtime.engine.view.list('request', { where: { owner: 'ada' } })).toEqual([])
})

it('a request whose body comes after its owner was forgotten writes nothing, and a new key does', async () => {
  const { runtime, send, note } = await openServer()
  const body = new TransformStream<Uint8Array, Uint8Array>()
  const writer = body.writable.getWriter()
  const late = send(body.readable)
  void writer.write(new TextEncoder().encode(note.slice(0, 9)))
  expect(await runtime.erasures.forget('ada')).toMatchObject({ status: 'done' })
  void writer.write(new TextEncoder().encode(note.slice(9)))
  void writer.close()
  expect((await late).status).toBe(409)
  expect(await runtime.memory('ada').list()).toEqual([])
  await runtime.memory('ada').add([{ text: 'a new kiln' }])
  expect(await runtime.memory('ada').list()).toHaveLength(1)
})
