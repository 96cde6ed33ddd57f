import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'

it('validates files without a data folder', async () => {
  const bench = openBench()
  bench.write('good', 'read')
  bench.write('bad', 'broken', 'x')
  const { code, out } = await bench.run('validate', 'good', 'bad')
  expect(code).toBe(2)
  expect(out).toContain(
    '✓ good is valid\n  read, 0 steps\n✗ bad is not valid\nbad:2:3: error[unknown_key]: The key "stpes" is not known here.',
  )
  expect(JSON.parse((await bench.run('validate', 'good', '--json')).out)).toMatchObject({
    pipeline_file: 'good',
    valid: true,
    tasks: {},
    findings: [],
  })
  expect(existsSync(bench.path('.antiphon'))).toBe(false)
})

it('lists no runs where there are none, and creates nothing', async () => {
  const bench = openBench()
  expect(await bench.run('runs')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('no runs') })
  expect(JSON.parse((await bench.run('runs', '--json')).out)).toEqual([])
  expect(existsSync(bench.path('.antiphon'))).toBe(false)
})

it('examines the machine, the folder and its owner', async () => {
  const bench = openBench()
  const { code, out } = await bench.run('doctor')
  expect(code).toBe(0)
  expect(out).toMatch(/disk +fsync takes [\d.]+ ms; .* survives a loss of power \(durability: power\)/)
  expect(out).toMatch(/model +fake, offline: it is a test\n {15}To use a language model: set ANTIPHON_MODEL, /)
  expect(out).toMatch(/store +libSQL with SQLite 3\./)
  expect(out).toMatch(
    /cores +\d+ cores?.*; [\d.]+ .iB of memory; \d+ compute threads? with .*\n.*pools +10 to \d+ workers per pool/,
  )
  expect(existsSync(bench.path('.antiphon'))).toBe(false)
  bench.write('p', `hold wait ${bench.path('go')}`)
  const running = bench.start(['run', 'p'])
  await running.said('p: 1 step')
  expect((await bench.run('doctor')).out).toContain(`owned by process ${running.child.pid} (antiphon run p)`)
})

it('follows in its sizes the cores that are said, and says what is none', async () => {
  const bench = openBench()
  const { code, out } = await bench.runWith({ ANTIPHON_CORES: '12' }, 'doctor', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    machine: { cores: 12, why: 'as it is set' },
    sizes: { threads: { min: 1, max: 11, megabytes: 128 }, actions: { min: 10, max: 64 } },
  })
  const wrong = await bench.runWith({ ANTIPHON_CORES: 'many' }, 'doctor')
  expect(wrong.code).toBe(1)
  expect(wrong.out).toContain('BAD  cores     expected a number of cores, got many')
})

it('says what is wrong with a data folder, and ends with 1', async () => {
  const bench = openBench()
  bench.write('file', 'not a folder')
  const { code, out } = await bench.run('doctor', '--data', 'file/below', '--json')
  expect(code).toBe(1)
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { name: string; ok: boolean }[] }
  expect(ok).toBe(false)
  expect(checks.filter((check) => !check.ok).map(({ name }) => name)).toContain('disk')
})

it.each([
  'run',
  'validate',
  'schema',
  'ask',
  'runs',
  'resume',
  'why',
  'tree',
  'actors',
  'deadletters',
  'backup',
  'restore',
  'gc',
  'status',
  'pools',
  'cache',
  'doctor',
])('shows %s at work in its help', async (name) => {
  const { code, out } = await openBench().run(name, '--help')
  expect(code).toBe(0)
  expect(out).toContain(`Examples:\n  $ antiphon ${name}`)
})
