import { expect, test } from 'vitest'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { until } from '../../../src/testing/until.ts'
import { startServer } from '../../web/server.ts'
import { openFolder } from '../inspect/folder.ts'

const SEARCH = (id: string, more = '') =>
  `  - { id: ${id}, tool: web-search, action: search, parameters: { query: ${id} }${more} }`

/** A folder with a search service that takes two cents for a search. `status`: its answer to a query. */
async function openShop(steps: readonly string[], status = (_query: string) => 200, cost = 'cost: 0.02') {
  const { url, seen } = await startServer((request, response) => {
    const query = new URL(request.url!, 'http://x').searchParams.get('q')!
    response.writeHead(status(query)).end('{"results": []}')
  })
  const folder = openFolder()
  folder.write('find.yaml', ['name: find', 'steps:', ...steps].join('\n'))
  folder.write('antiphon.yaml', `embedder: none\nsearch: { backend: searxng, url: '${url}', ${cost} }`)
  const runtime = await folder.open()
  const start = (budget?: number) =>
    runtime.runs.start({ file: folder.path('find.yaml'), id: 'find', ...(budget !== undefined && { budget }) })
  return { runtime, seen, start }
}

const waits = (runtime: ServedRuntime) =>
  until(async () => (await runtime.runs.get('find').catch(() => undefined))?.status === 'waiting')

test('a search is paid by the budget of its run, and one that it cannot pay waits until it is raised', async () => {
  const { runtime, seen, start } = await openShop([SEARCH('ebb'), SEARCH('flow', ', dependencies: [ebb]')])
  await start(0.03)
  await waits(runtime)
  expect(seen).toHaveLength(1)
  expect(await runtime.budgets.get('run/find')).toMatchObject({ spent: 0.02, reserved: 0, calls: 1 })
  expect(await runtime.inbox.list({ run: 'find' })).toMatchObject([{ step: 'flow' }])
  await runtime.budgets.raise('run/find', 0.05)
  await runtime.idle()
  expect(await runtime.runs.get('find')).toMatchObject({ status: 'completed', success: true })
  expect(seen).toHaveLength(2)
  expect(await runtime.budgets.get('run/find')).toMatchObject({ spent: 0.04, reserved: 0, calls: 2 })
})

test('searches side by side do not spend more than there is', async () => {
  const { runtime, seen, start } = await openShop(['a', 'b', 'c', 'd'].map((id) => SEARCH(id)))
  await start(0.05)
  await waits(runtime)
  await until(async () => (await runtime.inbox.list({ run: 'find' })).length === 2)
  expect(seen).toHaveLength(2)
  expect(await runtime.budgets.get('run/find')).toMatchObject({ spent: 0.04, reserved: 0 })
})

test('a budget that is used up refuses the first search', async () => {
  const { runtime, seen, start } = await openShop([SEARCH('ebb')])
  await start(0.01)
  await waits(runtime)
  expect(seen).toEqual([])
  expect(await runtime.inspector.why('run/find')).toMatchObject({ status: 'waiting' })
  expect((await runtime.runs.get('find')).steps.ebb).toMatchObject({ status: 'waiting', waits_for: 'budget:run/find' })
})

test('a search that the service refuses costs nothing', async () => {
  const { runtime, start } = await openShop(
    [SEARCH('ebb', ', on_failure: continue'), SEARCH('flow', ', dependencies: [ebb]')],
    (query) => (query === 'ebb' ? 403 : 200),
  )
  await start(1)
  await runtime.idle()
  expect((await runtime.runs.get('find')).steps).toMatchObject({
    ebb: { status: 'failed' },
    flow: { status: 'completed' },
  })
  expect(await runtime.budgets.get('run/find')).toMatchObject({ spent: 0.02, reserved: 0 })
})

test('without a cost, and without a budget, a search pays nobody', async () => {
  const free = await openShop([SEARCH('ebb')], undefined, 'cost: 0')
  await free.start(0.01)
  await free.runtime.idle()
  expect(await free.runtime.budgets.get('run/find')).toMatchObject({ spent: 0, calls: 0 })
  const unbound = await openShop([SEARCH('ebb')])
  await unbound.start()
  await unbound.runtime.idle()
  expect((await unbound.runtime.runs.get('find')).status).toBe('completed')
})
