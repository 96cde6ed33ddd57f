import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

it('the run, its logs and a single call show where in a plugin an error was thrown, without our own frames', {
  timeout: 60_000,
}, async () => {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'plugins: [mine.mjs]', 'embedder: none')
  bench.write('p.yaml', 'name: p', 'steps:', '  - { id: a, tool: mine }')
  bench.write(
    'mine.mjs',
    `const input = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`,
    `const slip = (given) => given.nothing.here`,
    `export default { name: 'mine', description: 'mine', effect: 'idempotent', input, execute: async (given) => slip(given) }`,
  )
  const frame = `at slip (${bench.path('mine.mjs')}:2:39)`
  const said = await bench.run('run', 'p.yaml')
  expect(said.code).toBe(1)
  expect(said.err).toContain(`    ${frame}`)
  const told = await bench.run('run', 'p.yaml', '--json')
  const { steps, execution_id } = JSON.parse(told.out)
  expect(steps.a).toMatchObject({
    error_type: 'TypeError',
    retries: 0,
    error_stack: expect.stringMatching(/^at slip \(/),
  })
  const logs = await bench.run('logs', execution_id)
  expect(logs.out).toContain(`\n      ${frame}\n`)
  const called = await bench.run('tools', 'call', 'mine')
  expect([called.code, called.err]).toEqual([
    1,
    expect.stringContaining(`TypeError: Cannot read properties of undefined (reading 'here')\n  ${frame}`),
  ])
  for (const { out, err } of [said, told, logs, called])
    expect(out + err).not.toMatch(/inside antiphon|node:internal|\/src\//)
})

it.each(['', `isolation: 'process', `])(
  'show, why, logs and the page of a run say why fetch failed (%s)',
  {
    timeout: 60_000,
  },
  async (isolation) => {
    const bench = openBench(REAL)
    bench.write('antiphon.yaml', 'plugins: [mine.mjs]', 'embedder: none')
    bench.write('p.yaml', 'name: p', 'steps:', '  - { id: a, tool: mine, retry_config: { max_attempts: 1 } }')
    bench.write(
      'mine.mjs',
      `const input = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`,
      `export default { name: 'mine', description: 'mine', effect: 'idempotent', ${isolation}input, execute: () => fetch('http://127.0.0.1:9/') }`,
    )
    const run = await bench.run('run', 'p.yaml')
    const because = 'caused by Error: bad port'
    expect(run.err).toContain(`fetch failed\n    ${because}`)
    const id = /Run (\S+) failed/.exec(run.err)![1]!
    const texts = await Promise.all([
      bench.run('show', id),
      bench.run('show', id, 'a'),
      bench.run('why', id),
      bench.run('logs', id),
      bench.run('show', id, '--html'),
    ])
    for (const { out, err } of texts) expect(out + err).toContain(because)
    const { error_details, steps } = JSON.parse((await bench.run('show', id, '--json')).out)
    expect(error_details).toEqual({ cause: { name: 'Error', message: 'bad port' } })
    expect(steps.a.error_details).toEqual(error_details)
  },
)
