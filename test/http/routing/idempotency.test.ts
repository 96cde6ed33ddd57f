import { expect, it } from 'vitest'
import { createApp } from '../../../src/http/server/app.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { openApp, post } from '../bench.ts'

const keyed = (body: object, key: string): RequestInit => {
  const init = post(JSON.stringify(body))
  return { ...init, headers: { ...init.headers, 'idempotency-key': key } }
}

it('makes one thing of the same request twice', async () => {
  const { app, runtime, file } = openApp()
  const body = { file: file(['one']) }
  const first = await (await app.request('/v1/runs', keyed(body, 'k1'))).json()
  expect(first).toEqual({ id: expect.stringMatching(/^run_[0-9a-f]{32}$/) })
  expect(await (await app.request('/v1/runs', keyed(body, 'k1'))).json()).toEqual(first)
  expect(await (await app.request('/v1/runs', keyed(body, 'k2'))).json()).not.toEqual(first)
  expect(await runtime.runs.list()).toHaveLength(2)
})

it('refuses another body under the same key', async () => {
  const { app, file } = openApp()
  const path = file(['one'])
  await app.request('/v1/runs', keyed({ file: path }, 'k1'))
  const response = await app.request('/v1/runs', keyed({ file: path, inputs: { a: 1 } }, 'k1'))
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ code: 'key_reused' })
})

it('takes a body for the same whose fields come in another order', async () => {
  const { app, runtime, file } = openApp()
  const path = file(['one'])
  const bodies = [
    { file: path, strict: true, inputs: { a: { x: 1, y: [1, 2] }, b: 2 } },
    { inputs: { b: 2, a: { y: [1, 2], x: 1 } }, strict: true, file: path },
  ]
  for (const body of bodies) expect((await app.request('/v1/runs', keyed(body, 'k1'))).status).toBe(202)
  expect(await runtime.runs.list()).toHaveLength(1)
  const other = { file: path, strict: true, inputs: { a: { x: 1, y: [2, 1] }, b: 2 } }
  expect((await app.request('/v1/runs', keyed(other, 'k1'))).status).toBe(422)
})

it('forgets the key of what it refused, and not that of what it did', async () => {
  const { app, runtime, file } = openApp()
  const path = file(['one'])
  const wrong = { file: path, inputs: { wrong: 1 } }
  const status = async (body: object) => (await app.request('/v1/runs', keyed(body, 'k1'))).status
  expect(await status(wrong)).toBe(400)
  expect(await status({ file: path })).toBe(202)
  expect(await status(wrong)).toBe(422)
  expect(await status({ file: path })).toBe(202)
  expect(await runtime.runs.list()).toHaveLength(1)
})

it('takes a key for another one on another path, and of another owner', async () => {
  const { app, runtime, file } = openApp()
  const body = { file: file(['one']), id: 'run_x' }
  await app.request('/v1/runs', keyed(body, 'k1'))
  expect((await app.request('/v1/runs/run_x/fork', keyed({}, 'k1'))).status).toBe(202)
  const of = (owner: string) => createApp(runtime, { identify: () => ({ owner, scopes: ['admin'], local: false }) })
  const ids = await Promise.all(
    ['ada', 'bob'].map(async (owner) => {
      const response = await of(owner).request('/v1/threads/main/asks', keyed({ prompt: 'Why?' }, 'k1'))
      return ((await response.json()) as { id: string }).id
    }),
  )
  expect(ids[0]).toMatch(/^ask_/)
  expect(ids[0]).not.toBe(ids[1])
})

it.each(['', 'with space', 'x'.repeat(256)])('refuses the key "%.20s"', async (key) => {
  const { app, file } = openApp()
  expect((await app.request('/v1/runs', keyed({ file: file(['one']) }, key))).status).toBe(400)
})

it('answers with the run that was begun when its pipeline is gone, or no longer what it was', async () => {
  const runtime = await openFolder().open()
  const app = createApp(runtime)
  const put = (text: string) => app.request('/v1/pipelines/hello', { ...post(JSON.stringify({ text })), method: 'PUT' })
  const begin = async () => {
    const response = await app.request('/v1/pipelines/hello/runs', keyed({}, 'k1'))
    return [response.status, ((await response.json()) as { readonly id?: string }).id]
  }
  const text = 'name: hello\nsteps: [{ id: wait, tool: wait-for-signal, parameters: { signal: go } }]\n'
  await put(text)
  const first = await begin()
  expect(first).toEqual([202, expect.stringMatching(/^run_/)])
  await app.request('/v1/pipelines/hello', { method: 'DELETE' })
  expect(await begin()).toEqual(first)
  await put(text.replace('name: hello', 'name: hello\ninputs: { word: { type: string } }'))
  expect(await begin()).toEqual(first)
  expect(await runtime.runs.list()).toHaveLength(1)
})

it('ignores a key where nothing is made', async () => {
  const { app } = openApp()
  expect((await app.request('/v1/gc', keyed({ dryRun: true }, 'k1'))).status).toBe(200)
  expect((await app.request('/v1/gc', keyed({}, 'k1'))).status).toBe(200)
})
