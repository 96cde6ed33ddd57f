import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

it('says which items are no longer kept, and why, and removes them', async () => {
  const bench = openBench(REAL)
  const { run } = bench
  expect(await run('gc')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('Nothing is old enough') })
  expect(JSON.parse((await run('gc', '--dry-run', '--json')).out)).toEqual({ dryRun: true, items: [] })
  expect(existsSync(bench.path('.antiphon'))).toBe(false)

  bench.write('antiphon.yaml', 'retention: { runs: 1 }')
  bench.write(
    'copy.yaml',
    'name: copy',
    'steps:',
    '  - { id: a, tool: filesystem, action: read, parameters: { path: copy.yaml } }',
  )
  for (let n = 0; n < 2; n++) expect((await run('run', 'copy.yaml')).code).toBe(0)
  const [, first] = JSON.parse((await run('runs', '--json')).out) as { id: string }[]
  expect(await run('doctor')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/retention +database .*, 1 blob .*; antiphon gc would remove 1 run: /),
  })
  const dry = await run('gc', '--dry-run')
  expect(dry).toMatchObject({ code: 0, err: expect.stringContaining('Nothing was removed') })
  expect(dry.out).toMatch(/^1 run, [\d.]+ KiB: more than 1 are finished\n$/)
  const { items } = JSON.parse((await run('gc', '--json')).out)
  expect(items).toMatchObject([{ what: 'run', count: 1, ids: [first!.id] }])
  expect(JSON.parse((await run('runs', '--json')).out)).toHaveLength(1)
  expect((await run('doctor')).out).toContain('nothing is old enough to be removed')
}, 60_000)

it('says what is wrong with the retention that is configured', async () => {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'retention:', '  runDays: soon')
  const { code, err } = await bench.run('gc')
  expect(code).toBe(2)
  expect(err).toContain('antiphon.yaml:2:12: `retention.runDays`')
})

it('the doctor says so if the guarantees are weaker', async () => {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'durability: process')
  const { out } = await bench.run('doctor')
  expect(out).toContain('survives the end of the process, not a loss of power (durability: process)')
})
