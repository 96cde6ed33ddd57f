import { expect, it } from 'vitest'
import { openApp, post } from '../bench.ts'

it('collects, or only counts, with nothing else asked', async () => {
  const { app, client } = openApp()
  expect(await client.maintenance.gc()).toEqual({ dryRun: false, items: [] })
  expect(await client.maintenance.gc({ dryRun: true })).toEqual({ dryRun: true, items: [] })
  expect((await app.request('/v1/gc', post('{"all":true}'))).status).toBe(400)
})
