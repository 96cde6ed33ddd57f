import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

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

it.each([
  'actors list',
  'agent list',
  'audit',
  'budget list',
  'cost',
  'deadletters list',
  'files list',
  'inbox',
  'keys api list',
  'keys audit',
  'memory list',
  'memory proposals',
  'memory sources',
  'memory stats',
  'notify list',
  'runs',
  'schedule list',
  'threads list',
  'tree',
])('%s names the data folder that does not exist, which may be the wrong one', async (words) => {
  const { run, path } = openBench()
  const args = [...words.split(' '), '--data', path('elsewhere')]
  const said = `Nothing was started here yet: there is no data folder ${path('elsewhere')}.\n`
  const { code, out, err } = await run(...args)
  expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^(.*\n)?Nothing was started here yet/) })
  expect(err.endsWith(said)).toBe(true)
  const json = await run(...args, '--json')
  expect(json).toMatchObject({ code: 0, err: said })
  expect(JSON.parse(json.out)).toEqual(words === 'memory stats' || words === 'cost' ? expect.any(Object) : [])
  expect(out).not.toContain(path('elsewhere'))
  expect(existsSync(path('elsewhere'))).toBe(false)
})

it('lists the phases with their files, and shows why a question gets one', async () => {
  const { run, write } = openBench(REAL)
  const module = new URL('../../src/chain/define/define-phase.ts', import.meta.url).href
  const phase =
    "definePhase({ name: 'yield', modality: 'text', domain: 'legal', version: 2, initial: () => 0, run() {} })"
  write('quote.mts', `import { definePhase } from '${module}'`, `export default ${phase}`)
  write('antiphon.yaml', 'embedder: none', 'phases: [./quote.mts]')
  const { out } = await run('chain', 'phases')
  expect(out).toMatch(/^PHASE +MODALITY +DOMAIN +SERVED BY\naction +text +general +antiphon\n/)
  expect(out).toMatch(/\nyield +text +legal +\.\/quote\.mts \(version 2, hash [0-9a-f]{12}\)\n/)
  expect(JSON.parse((await run('chain', 'phases', '--json')).out)).toContainEqual({
    phase: 'yield',
    modality: 'text',
    domain: 'legal',
    servedBy: './quote.mts',
    version: 2,
    hash: expect.any(String),
  })
  const asked = ['chain', 'select', '--phase', 'yield', '--domain'] as const
  expect((await run(...asked, 'legal')).out).toMatch(
    /^yield: a phase for exactly this\n {2}→ yield\/text\/legal {2}\.\/quote\.mts\n(?:.*\n)* {2}→ pool text_yield_pool\n/,
  )
  expect(JSON.parse((await run(...asked, 'legal', '--json')).out)).toMatchObject([
    { phase: 'yield', chosen: 'yield/text/legal', pool: 'text_yield_pool', why: 'a phase for exactly this' },
  ])
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

it('sizes follow the given number of cores, and an invalid number is reported', async () => {
  const bench = openBench()
  const { code, out } = await bench.runWith({ ANTIPHON_CORES: '12' }, 'doctor', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    machine: { cores: 12, why: 'as it is set' },
    sizes: { threads: { min: 1, max: 11, megabytes: 128 }, actions: { min: 10, max: 64 } },
  })
  const wrong = await bench.runWith({ ANTIPHON_CORES: 'many' }, 'doctor')
  expect(wrong.code).toBe(1)
  expect(wrong.out).toContain('BAD  cores     Expected a number of cores, got many.')
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
