import { expect, it } from 'vitest'
import { openApp } from './bench.ts'

it('has no other routes', async () => {
  const { app } = openApp()
  const response = await app.request('/v2/runs')
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'not_found', detail: 'There is no GET /v2/runs.' })
})

it('says what the process is doing', async () => {
  const { client, folder } = openApp()
  expect(await client.status()).toMatchObject({ pid: process.pid, data: folder, model: { offline: true } })
})
