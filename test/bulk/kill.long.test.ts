import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { openServer } from '../ui/server.ts'

const RUNS = 150
const BROKEN = 'name: broken\nsteps: [{ id: read, tool: filesystem, action: read, parameters: { path: missing.log } }]'

test('an operation on many runs goes on after kill -9, and forks each run once', async () => {
  const server = openServer(onTestFinished)
  const serve = () => server.start(['serve', '--listen', '0', '--no-auth'], /It answers at (\S+)\. /)
  await serve()
  const client = server.client()
  for (let begun = 0; begun < RUNS; begun += 50)
    await Promise.all(Array.from({ length: 50 }, () => client.runs.start({ source: { text: BROKEN } })))
  await until(async () => (await client.runs.counts({})).failed === RUNS)
  const dry = JSON.parse(await server.run('bulk', 'fork', '--status', 'failed', '--since', '1h', '--dry-run', '--json'))
  expect(dry).toMatchObject({ action: 'fork', status: 'dry-run', total: RUNS })
  const { id } = await client.bulks.start({ action: 'fork', where: { status: 'failed' }, id: 'bulk_again' })
  // some portions are recorded, and others are not
  await until(async () => (await client.bulks.get(id!)).done > 0)
  await server.kill()

  // nobody works on it: the list says so, and how it goes on. Then its forks go on, too
  for (const words of [['list'], ['show', id!]])
    expect(await server.run('bulk', ...words)).toMatch(
      /pending[\s\S]*No process works on it\. To continue:\n {2}antiphon resume bulk_again\n/,
    )
  expect(await server.run('resume', id!)).toContain(`${RUNS} done, 0 ended before, 0 failed`)
  expect(JSON.parse(await server.run('runs', '--status', 'running', '--json'))).toEqual([])
  const [listed] = JSON.parse(await server.run('bulk', 'list', '--json'))
  expect(listed).toMatchObject({ id, action: 'fork', status: 'done', total: RUNS, done: RUNS, skipped: 0, failed: 0 })
  expect(await server.run('audit')).toMatch(/runs-forked \(150 runs\) +bulk_again .* status failed\n/)
  await serve()
  const { failed, ...others } = await server.client().runs.counts({})
  expect([failed, others]).toEqual([2 * RUNS, { running: 0, waiting: 0, completed: 0, cancelled: 0 }])
})
