import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { openFolder } from '../inspect/folder.ts'

const PLUGIN = join(import.meta.dirname, 'plugin.ts')

test('a call that a stop cuts off continues with the parts that ended, and its records go when it has ended', async () => {
  const { path, open, write } = openFolder()
  write('antiphon.yaml', JSON.stringify({ plugins: [PLUGIN] }))
  const file = path('did')
  writeFileSync(file, 'hang within c\n')
  const did = () => readFileSync(file, 'utf8').match(/did \w/g) ?? []
  const first = await open()
  await first.tools.call([{ id: 'order', tool: 'parts', parameters: { file } }], { id: 'run_1' })
  await until(() => did().length === 3)
  expect(await first.engine.view.list('once')).toMatchObject([{ index: { run: 'run_1', step: 'order' } }])
  await first.maintenance.gc()
  expect(await first.engine.view.list('once')).toHaveLength(1)
  await first.stop({ grace: 0 })
  writeFileSync(file, 'did a\ndid b\ndid c\n')
  const next = await open()
  await next.runs.resume('run_1')
  await next.idle()
  expect(await next.runs.get('run_1')).toMatchObject({ status: 'completed', outputs: { order: 'abc' } })
  expect(did()).toEqual(['did a', 'did b', 'did c', 'did c'])
  await next.maintenance.gc()
  await next.idle()
  expect(await next.engine.view.list('once')).toEqual([])
})
