import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

it('prints the outputs on stdout and the progress on stderr', async () => {
  const bench = openBench()
  bench.write('p', 'read', 'sum')
  const { code, out, err } = await bench.run('run', 'p', '-i', 'topic=tides', '-i', 'rest=a=b')
  expect(out).toBe('greeting: hello\ninputs:\n  topic: tides\n  rest: a=b\n')
  expect(err).toContain('p: 2 steps\n  ✓ read  1 ms\n  ✓ sum  1 ms\n')
  expect(err).toContain('Run run_1 completed in 1.5 s: 2 steps done.')
  expect(code).toBe(0)
})

it('says which steps were replaced by a substitute, as do its lists and its document', async () => {
  const bench = openBench(REAL)
  bench.write(
    'p.yaml',
    `name: rates
steps:
  - { id: rates, tool: filesystem, action: read, parameters: { path: none.txt }, fallback: old }
  - { id: each, for_each: [1, 2], steps: [{ id: r, tool: filesystem, action: read, parameters: { path: no.txt }, on_error: { fallback_value: 2 } }] }
  - { id: old, tool: debug, parameters: { message: of yesterday } }
outputs: { r: "{{ rates }}" }`,
  )
  const { code, out, err } = await bench.run('run', 'p.yaml', '--id', 'r1')
  const loss = 'a substitute (old) gave the result, because the step failed: File not found: none.txt'
  expect({ code, out }).toEqual({ code: 0, out: 'r: of yesterday\n' })
  expect(err).toMatch(/\n {2}! rates {2}.*degraded: a substitute \(old\) gave the result, because/)
  expect(err).toMatch(/Run r1 completed in .*: .* done, 3 degraded\.\n/)
  expect(err).toContain(`  rates: ${loss}\n  each_0_r: a substitute (fallback_value) gave`)
  expect((await bench.run('runs')).out).toMatch(/^r1 +completed, degraded /m)
  expect(JSON.parse((await bench.run('runs', '--json')).out)).toMatchObject([{ id: 'r1', degraded: true }])
  const shown = await bench.run('show', 'r1')
  expect(shown.out).toMatch(/^rates {2}completed, degraded {2}r1$/m)
  expect(shown.out).toContain(loss)
  expect(JSON.parse((await bench.run('show', 'r1', '--json')).out)).toMatchObject({
    degraded: true,
    lacks: [`rates: ${loss}`, expect.stringMatching(/^each_0_r: /), expect.stringMatching(/^each_1_r: /)],
  })
})

it('says in words what a step waits for', async () => {
  const bench = openBench(REAL)
  bench.write(
    'p.yaml',
    `name: asks
steps: [{ id: pay, tool: approval-gate, parameters: { title: "Pay?" } }, { id: call, tool: debug, parameters: { message: x } }]`,
  )
  await bench.run('run', 'p.yaml', '--id', 'r1')
  const { out } = await bench.run('show', 'r1')
  expect(out).toMatch(/pay .* waits for the signal \S+ → antiphon inbox/)
  expect(out).not.toContain('signal:')
})

it('prints the whole run as JSON', async () => {
  const bench = openBench()
  bench.write('p', 'read')
  const { out } = await bench.run('run', 'p', '--json')
  expect(JSON.parse(out)).toMatchObject({ execution_id: 'run_1', status: 'completed', steps: { read: { id: 'read' } } })
})

it('writes the whole run into a file, also of one that failed, and starts nothing when it cannot', async () => {
  const bench = openBench()
  bench.write('p', 'read', 'sum fail')
  const { code, out, err } = await bench.run('run', 'p', '-o', 'out.json', '--json')
  expect({ code, written: readFileSync(bench.path('out.json'), 'utf8') }).toEqual({ code: 1, written: out })
  expect(err).toContain('Written to out.json\n')
  const again = await bench.run('resume', 'run_1', '--output', 'again.json')
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('run_1 has failed. It continues as run_2') })
  expect(JSON.parse(readFileSync(bench.path('again.json'), 'utf8'))).toMatchObject({ execution_id: 'run_2' })
  expect(await bench.run('run', 'p', '-o', 'no/where.json')).toMatchObject({
    code: 2,
    err: `The folder of no/where.json does not exist.\n  The file would be ${bench.path('no/where.json')}.\n`,
  })
  expect(await bench.run('run', 'p', '-o', '.')).toMatchObject({ code: 2, err: expect.stringContaining('is a folder') })
  expect(JSON.parse((await bench.run('runs', '--json')).out)).toHaveLength(2)
})

it.each(['p', './p', 'linked', 'inputs.json'])(
  'does not overwrite a file that the run reads: -o %s',
  async (output) => {
    const bench = openBench()
    bench.write('p', 'read')
    bench.write('inputs.json', '{}')
    symlinkSync(bench.path('p'), bench.path('linked'))
    expect(await bench.run('run', 'p', '--inputs', 'inputs.json', '-o', output)).toEqual({
      code: 2,
      out: '',
      err: `The run reads ${output}, so it cannot be the output file.\n  Give the path of another file: -o result.json\n`,
    })
    expect(readFileSync(bench.path('p'), 'utf8')).toContain('read')
  },
)

it('prints each durable event as a line of JSON', async () => {
  const bench = openBench()
  bench.write('p', 'read')
  const { out, code } = await bench.run('run', 'p', '--events')
  const types = ['run-start', 'step-start', 'step-end', 'run-end']
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events).toMatchObject(types.map((type, index) => ({ n: index + 1, type })))
  expect(code).toBe(0)
  const again = await bench.run('resume', 'run_1', '--events')
  expect(again.out).toBe(out)
  expect(await bench.run('run', 'p', '--events', '--detach')).toMatchObject({ code: 2 })
})

it.each([
  ['-o', 'out.json'],
  ['--events'],
  ['--detach'],
  ['--reuse'],
  ['--from-step', 'read'],
  ['--strategy', 'sequential'],
  ['--budget', '2.00'],
])('refuses a dry run with options that would do more: --dry-run %s %s', async (...more) => {
  const bench = openBench()
  bench.write('p', 'read')
  expect(await bench.run('run', 'p', '--dry-run', ...more)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining("option '--dry-run' cannot be used with option '-"),
  })
  expect(existsSync(bench.path('out.json'))).toBe(false)
})

it('ends with 1 when the run failed, and says which step and why', async () => {
  const bench = openBench()
  bench.write('p', 'read', 'sum fail')
  const { code, out, err } = await bench.run('run', 'p')
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(err).toContain('Run run_1 failed in 1.5 s: 1 step done, 1 failed.\n  sum: it was asked to')
})

it('starts nothing when the file is wrong, and names the place', async () => {
  const bench = openBench()
  bench.write('p', 'broken', 'stpes: 1')
  const { code, err } = await bench.run('run', 'p')
  expect(code).toBe(2)
  expect(err).toBe(
    'p:2:3: error[unknown_key]: The key "stpes" is not known here.\n  Did you mean "steps"?\n1 error; nothing was started.\n',
  )
  expect((await bench.run('runs')).err).toContain('no runs here yet')
})

it('compiles a file once, unless it reports the mistakes of a file that does not start', async () => {
  const asked: string[] = []
  const bench = openBench({
    ...REAL,
    async configure(where) {
      const setup = await REAL.configure(where)
      const open: typeof setup.open = async (...owner) => {
        const { runs, pipelines, ...runtime } = await setup.open(...owner)
        const start: typeof runs.start = (request) => {
          asked.push('start')
          return runs.start(request)
        }
        const validate: typeof pipelines.validate = (...which) => {
          asked.push('validate')
          return pipelines.validate(...which)
        }
        return { ...runtime, runs: { ...runs, start }, pipelines: { ...pipelines, validate } }
      }
      return { ...setup, open }
    },
  })
  bench.write('p.yaml', 'name: p\ncolour: red\nsteps:\n  - { id: a, tool: debug, parameters: { message: hi } }')
  const warning = 'p.yaml:2:1: warning[unknown_key]'
  const ran = await bench.run('run', 'p.yaml', '--id', 'r1')
  expect({ ...ran, asked: asked.splice(0) }).toMatchObject({ code: 0, asked: ['start'] })
  expect(ran.err).toContain(warning)
  const again = await bench.run('run', 'p.yaml', '--id', 'r1')
  expect({ code: again.code, asked: asked.splice(0) }).toEqual({ code: 0, asked: ['validate', 'start'] })
  expect(again.err).toMatch(/warning\[unknown_key\].*\nRun r1 already exists: p, started/)
  bench.write('other.yaml', 'name: other\nsteps:\n  - { id: a, tool: debug, parameters: { message: hi } }')
  const other = await bench.run('run', 'other.yaml', '--id', 'r1')
  expect(other).toMatchObject({
    code: 2,
    err: 'The id r1 belongs to a run of p, and this start has another pipeline, workflow or input.\n  Use another id.\n',
  })
  asked.splice(0)
  const wrong = await bench.run('run', 'p.yaml', '-i', 'x=1', '--strict')
  expect({ code: wrong.code, asked: asked.splice(0) }).toEqual({ code: 2, asked: ['start', 'validate'] })
  expect(wrong.err).toMatch(/^p.yaml:2:1: error\[unknown_key\].*\n1 error; nothing was started.\n$/)
})

it('starts nothing when an input is wrong', async () => {
  const bench = openBench()
  bench.write('p', 'read')
  const { code, err } = await bench.run('run', 'p', '-i', 'wrong=1')
  expect(code).toBe(2)
  expect(err).toBe('p:1: There is no input "wrong".\n  Did you mean "right"?\n')
})

it.each([
  [['run', 'missing.yaml'], 'There is no file missing.yaml.'],
  [['run', '.'], '. is not a file.'],
  [['run'], "missing required argument 'file'"],
  [['run', 'p', '-i', 'topic'], 'Expected key=value.'],
  [['rum', 'p'], "error: unknown command 'rum'\n  Did you mean run?"],
  [['digest', '--help'], "error: unknown command 'digest'\n"],
  [['help', 'digest'], "error: unknown command 'digest'\n"],
  [['tools', 'lst', '--help'], "error: unknown command 'lst'\n  Did you mean list?\n"],
  [['digest.yaml'], "error: unknown command 'digest.yaml'\n  To run a pipeline: antiphon run digest.yaml\n"],
  [['run', 'p', '--jsn'], '(Did you mean --json?)'],
  [['runs', '--limit', 'many'], 'Expected a number from 1 to 1000'],
])('takes %j for a mistake and leaves nothing behind', async (args, words) => {
  const bench = openBench()
  const { code, out, err } = await bench.run(...args)
  expect(code).toBe(2)
  expect(err).toContain(words)
  expect(err).not.toMatch(/^\s+at /m)
  expect(out).toBe('')
  expect(existsSync(bench.path('.antiphon'))).toBe(false)
})

it('does not mind a reader that goes away', async () => {
  const bench = openBench()
  bench.write('p', `read wait ${bench.path('go')}`)
  const running = bench.start(['run', 'p'])
  await running.said('p: 1 step')
  running.child.stdout?.destroy()
  bench.write('go')
  const { code, err } = await running.ended
  expect(code).toBe(0)
  expect(err).not.toContain('EPIPE')
})

it('says where it looked for a file that an input names, and how to name another', async () => {
  const bench = openBench()
  const text = `name: p
inputs: { file: { type: path, default: none.md } }
steps: [{ id: a, tool: filesystem, action: read, parameters: { path: "{{ file }}" } }]`
  bench.write('p.yaml', text)
  const where = { folder: bench.folder }
  for (const [args, path] of [
    [[], 'none.md'],
    [['-i', 'file=other.md'], 'other.md'],
  ] as const)
    expect(await runHere(REAL, ['run', 'p.yaml', ...args], where)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`\nLooked for ${path} in ${bench.folder}. Set another: -i file=PATH\n`),
    })
})

it.each(['run', 'plan'])('%s takes no program for a pipeline', async (name) => {
  const bench = openBench()
  bench.write('order.mts', 'export {}')
  expect(await bench.run(name, 'order.mts')).toMatchObject({
    code: 2,
    err: 'Expected a pipeline (YAML), got the program order.mts.\n  To start the program: node order.mts. While it runs, antiphon run NAME starts its workflow NAME.\n',
  })
})
