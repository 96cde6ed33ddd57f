import { expect, it } from 'vitest'
import { is } from '../../../src/errors.ts'
import { collect, openApp, post } from '../bench.ts'

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

it('starts a run, follows it to its end and reads it', async () => {
  const { client, file } = openApp()
  const { id } = await client.runs.start({ file: file(['read', 'sum']), inputs: { deep: { list: [1, null] } } })
  const types = (await collect(client.runs.events(id))).map(({ n, body }) => [n, (body as { type: string }).type])
  expect(types).toEqual([
    [1, 'run-start'],
    [2, 'step-start'],
    [3, 'step-end'],
    [4, 'step-start'],
    [5, 'step-end'],
    [6, 'run-end'],
  ])
  const run = await client.runs.get(id)
  expect(run).toMatchObject({
    ...{ id, execution_id: id, status: 'completed', counts: { done: 2 } },
    outputs: { inputs: { deep: { list: [1, null] } } },
  })
  expect(await client.runs.list()).toEqual([expect.objectContaining({ id, status: 'completed' })])
})

it('answers a start with 202 and the place of the run', async () => {
  const { app, file } = openApp()
  const body = JSON.stringify({ file: file(['one']), id: 'run_x' })
  const response = await app.request('/v1/runs', post(body))
  expect(response.status).toBe(202)
  expect(response.headers.get('location')).toBe('/v1/runs/run_x')
})

it('reads events on from a number, given in the query or by Last-Event-ID', async () => {
  const { app, client, file } = openApp()
  const { id } = await client.runs.start({ file: file(['one']) })
  await collect(client.runs.events(id))
  expect((await collect(client.runs.events(id, { after: 2 }))).map(({ n }) => n)).toEqual([3, 4])
  const response = await app.request(`/v1/runs/${id}/events`, { headers: { 'last-event-id': '3' } })
  const text = await response.text()
  expect(text).toBe(
    'retry: 1000\n\nid: 4\nevent: event\ndata: {"type":"run-end","status":"completed","done":1,"failed":0,"skipped":0}\n\n',
  )
})

it.each(['a\\u0000', '\\ud800', '..', ''])('refuses "%s" as an id, and says where', async (id) => {
  const { app, file } = openApp()
  const response = await app.request('/v1/runs', post(`{"file":"${file(['one'])}","id":"${id}"}`))
  expect([response.status, await response.json()]).toMatchObject([400, { place: { path: 'id' } }])
})

it('names the first wrong field', async () => {
  const { app } = openApp()
  const response = await app.request('/v1/runs', post('{"file":"relative.yaml"}'))
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({
    code: 'invalid_input',
    status: 400,
    detail: 'body.file: expected an absolute path',
    place: { path: 'file' },
  })
})

it.each([
  ['{"file":"/x","fiel":1}', 400, 'fiel'],
  ['{', 400, 'not JSON'],
  ['', 400, 'file'],
  ['{"id":"..","file":"/x"}', 400, 'cannot be used in an address'],
  ['{"id":".","file":"/x"}', 400, 'cannot be used in an address'],
  [JSON.stringify({ file: '/x', inputs: { text: 'x'.repeat(1024 * 1024) } }), 413, 'larger than'],
])('refuses the body %.20s with %i', async (body, status, word) => {
  const { app, runtime } = openApp()
  const response = await app.request('/v1/runs', post(body))
  expect(response.status).toBe(status)
  expect(JSON.stringify(await response.json())).toContain(word)
  expect(await runtime.runs.list()).toEqual([])
})

it('gives a client the error the runtime threw, with place and hint', async () => {
  const { client, file } = openApp()
  const path = file(['one'])
  const error = await failure(client.runs.start({ file: path, inputs: { wrong: 'x' } }))
  expect(is(error, 'InvalidError')).toBe(true)
  expect(error).toMatchObject({ message: 'There is no input "wrong".', hint: 'Did you mean "right"?' })
  expect(error).toMatchObject({ place: { file: path, line: 1 }, code: 'invalid_input' })
})

it('forks a run for a client, and tells it what changed in its file', async () => {
  const { client, file } = openApp()
  const { id } = await client.runs.start({ file: file(['one']) })
  expect(await client.pipelines.changes(id)).toEqual({ steps: [] })
  const forked = await client.runs.fork(id, { at: 'one', set: { topic: 'tides' } })
  expect(forked.id).not.toBe(id)
  expect(await collect(client.runs.events(forked.id))).toHaveLength(4)
  expect(is(await failure(client.runs.fork('no')), 'NotFoundError')).toBe(true)
})

it('knows no run that is not there', async () => {
  const { client, app } = openApp()
  for (const asked of [client.runs.get('no'), client.runs.resume('no'), client.runs.cancel('no', 'because')])
    expect(is(await failure(asked), 'NotFoundError')).toBe(true)
  expect(is(await failure(collect(client.runs.events('no'))), 'NotFoundError')).toBe(true)
  expect((await app.request('/v1/runs/no')).status).toBe(404)
})

it('leaves the runtime alone when a follower goes away', async () => {
  const { client, file, folder, runtime } = openApp()
  const { id } = await client.runs.start({ file: file([`one wait ${folder}/go`]) })
  const leaving = new AbortController()
  const seen: unknown[] = []
  for await (const { n } of client.runs.events(id, { signal: leaving.signal })) {
    seen.push(n)
    if (n === 2) leaving.abort()
  }
  expect(seen).toEqual([1, 2])
  file([''], 'go')
  await runtime.idle()
  expect(await client.runs.get(id)).toMatchObject({ status: 'completed' })
})
