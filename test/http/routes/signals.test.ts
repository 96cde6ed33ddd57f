import { expect, it } from 'vitest'
import { openApp, post } from '../bench.ts'

it('sends a run a signal, and lists what waits', async () => {
  const { app, client, file } = openApp()
  const { id } = await client.runs.start({ file: file(['one', `two wait /nowhere`]) })
  expect(await client.runs.signal(id, 'now', { deep: [1, null] }, { id: 'sig_1' })).toEqual({ status: 'taken' })
  expect(await client.runs.signal(id, 'later', null)).toEqual({ status: 'kept' })
  await expect(client.runs.signal('run_none', 'now', 1)).rejects.toMatchObject({ name: 'NotFoundError' })
  expect(await client.inbox.list({ run: id })).toEqual([])
  for (const body of ['{}', '{"name":"","value":1}', '{"name":"a"}', '{"name":"a","value":1,"more":1}'])
    expect((await app.request(`/v1/runs/${id}/signal`, post(body))).status).toBe(400)
})
