import { expect, it } from 'vitest'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

it('streams an export, and imports it once for each key', async () => {
  const app = createApp(await openFolder().open())
  const { memory } = createClient((request) => app.fetch(request))
  await memory.add({ records: [{ text: 'Berlin ü', subject: 'home' }] })
  const eve = { owner: 'eve' }
  expect(await memory.import(memory.export(), { ...eve, dryRun: true })).toMatchObject({ added: 1, dryRun: true })
  expect(await memory.import(memory.export(), eve)).toMatchObject({ added: 1, change: 1 })
  expect((await memory.list(eve)).map(({ text }) => text)).toEqual(['Berlin ü'])

  let lines = ''
  for await (const piece of memory.export()) lines += piece
  const post = (body: string, headers: object) =>
    app.request('/v1/memory/import?owner=bob', { method: 'POST', body, headers: { ...headers } })
  const keyed = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'one' }
  expect(await (await post(lines, keyed)).json()).toMatchObject({ added: 1 })
  await memory.undo(1, { owner: 'bob' })
  expect(await (await post(lines, keyed)).json()).toMatchObject({ added: 1, change: 1 })
  expect(await memory.list({ owner: 'bob' })).toEqual([])

  const wrong = await post(lines, { 'content-type': 'application/json' })
  expect([wrong.status, await wrong.json()]).toMatchObject([415, { code: 'unsupported_type' }])
  const bad = await post(`${lines}{`, { 'content-type': 'application/x-ndjson' })
  expect([bad.status, await bad.json()]).toMatchObject([400, { data: { line: 3 } }])
  await expect(memory.import(memory.export(), { ...eve, onConflict: 'never' as never })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})
