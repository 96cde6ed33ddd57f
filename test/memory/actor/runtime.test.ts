import { expect, test } from 'vitest'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

test('a record expires without a write, and the next process takes up what was not announced', async () => {
  const folder = openFolder()
  const first = await folder.open()
  const now = Date.now()
  await first.memory('ada').add([{ text: 'Quokka', expires: now + 1_000 }])
  await until(async () => (await first.memory('ada').stats()).changes === 2)
  await first.idle()
  const { holds } = await first.inspector.why('memory/ada')
  expect(holds).toContainEqual(expect.objectContaining({ type: 'duty', name: 'expiry', ran: expect.any(Number) }))
  expect(JSON.stringify(await first.engine.view.peek({ kind: 'memory', key: 'ada' }))).not.toContain('Quokka')

  const metrics = first.inspector.metrics()
  expect(metrics).toContain('antiphon_memory_calls_total{antiphon_operation="add"} 1')
  expect(metrics).toContain('antiphon_memory_work_total{antiphon_work="records",antiphon_duty="expiry"} 1')
  expect(metrics).not.toContain('Quokka')

  // the actor is gone, as if the process had been killed before it could wake it
  await first.engine.tell({ kind: 'memory', key: 'ada' }, {}, { type: 'stop' })
  await first.idle()
  await first.stop()
  const second = await folder.open()
  await until(async () => (await second.engine.view.list('memory')).length === 1)
})
