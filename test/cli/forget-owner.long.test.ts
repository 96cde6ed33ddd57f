import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

it('forgets an owner whose name is typed again', async () => {
  const bench = openBench(REAL)
  await bench.run('memory', 'add', '--text', 'The kiln', '--owner', 'ada')
  const counted = await bench.run('forget-owner', 'ada', '--dry-run')
  expect(counted).toMatchObject({ code: 0, out: expect.stringContaining('records: 1') })
  expect(await bench.run('forget-owner', 'ada')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  const done = await bench.run('forget-owner', 'ada', '--yes', '--json')
  expect(JSON.parse(done.out)).toMatchObject({ status: 'done', removed: { records: 1 } })
})
