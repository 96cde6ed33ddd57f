import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

type Bench = ReturnType<typeof openBench>

/** Tools that break the rules of tools. */
const FAULTS: { readonly [name: string]: { readonly code: string; readonly says: RegExp } } = {
  text: { code: `throw 'a text'`, says: /mine:text threw a text instead of an Error: a text/ },
  nothing: { code: 'throw null', says: /mine:nothing threw null instead of an Error/ },
  map: { code: `throw { message: 'a map' }`, says: /mine:map threw an object instead of an Error: a map/ },
  exit: { code: 'process.exit(3)', says: /mine:exit called process\.exit\(3\)/ },
  exit_caught: {
    code: 'try { process.exit() } catch {} return {}',
    says: /mine:exit_caught called process\.exit\(\)/,
  },
  abort: { code: 'process.abort()', says: /mine:abort called process\.abort\(\)/ },
  timer: {
    code: `setTimeout(() => { throw new Error('late') }, 5); return new Promise(() => {})`,
    says: /mine:timer did not catch an error: late/,
  },
  rejection: { code: `Promise.reject('loose'); return {}`, says: /mine:rejection threw a text.*: loose/ },
}

function benchWithFaults(): Bench {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'plugins: [mine.mjs]', 'embedder: none')
  const tools = Object.entries({
    ...FAULTS,
    after: { code: `setTimeout(() => { throw new Error('too late') }, 300); return {}` },
    wait: { code: 'return new Promise((resolve) => setTimeout(resolve, 1500, {}))' },
  }).map(
    ([name, { code }]) =>
      `{ name: 'mine:${name}', description: 'mine', effect: 'at-most-once', input, execute: async () => { ${code} } },`,
  )
  bench.write(
    'mine.mjs',
    `const input = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`,
    `export default [${tools.join('\n')}]`,
  )
  return bench
}

const OURS = /inside antiphon|node:internal|\/src\//

/** Runs a command in its own process, which the code of a tool could end. */
function inProcess(bench: Bench, ...words: string[]): Promise<{ code: number | null; out: string; said: string }> {
  const [node, ...self] = REAL.self!
  const child = spawn(node!, [...self, ...words], { cwd: bench.path('.') })
  let [out, said] = ['', '']
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (said += text))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, said })))
}

it('a module that never finishes loading is named, and the command ends', async () => {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'phases: [mine.mjs]')
  bench.write('mine.mjs', 'await new Promise(() => {})')
  const { code, said } = await inProcess(bench, 'chain', 'phases')
  expect([code, said]).toEqual([2, expect.stringContaining('mine.mjs: cannot be loaded: an `await` at its top level')])
})

it('a tool that fails in an unusual way fails its step, the error names it, and other steps continue', async () => {
  const bench = benchWithFaults()
  const steps = Object.keys(FAULTS).map((name) => `  - { id: ${name}, tool: "mine:${name}", on_error: continue }`)
  bench.write('p.yaml', 'name: p', 'steps:', ...steps, `  - { id: last, tool: echo, parameters: { action: done } }`)
  const { out, said } = await inProcess(bench, 'run', 'p.yaml', '--json')
  const run = JSON.parse(out)
  for (const [name, { says }] of Object.entries(FAULTS))
    expect(run.steps[name]).toMatchObject({ status: 'failed', error: expect.stringMatching(says) })
  expect(run.steps.last.status).toBe('completed')
  expect(said).not.toMatch(OURS)
})

it.each(Object.keys(FAULTS))('the error of a tool call from the command line names the tool: %s', async (name) => {
  const { code, said } = await inProcess(benchWithFaults(), 'tools', 'call', 'mine', name)
  expect(said).toMatch(FAULTS[name]!.says)
  expect(code).toBe(1)
  expect(said).not.toMatch(OURS)
})

it('an error after the end of a call is printed with the name of the tool, its step tells it, and the run continues', async () => {
  const bench = benchWithFaults()
  bench.write('p.yaml', 'name: p', 'steps:', `  - { id: a, tool: 'mine:after' }`, `  - { id: b, tool: 'mine:wait' }`)
  const { code, out, said } = await inProcess(bench, 'run', 'p.yaml', '--json')
  expect(JSON.parse(out).steps.a).toMatchObject({
    status: 'completed',
    warnings: ['an error came after the call of mine:after had ended: too late'],
  })
  expect(said).toMatch(/An error came after its call had ended: mine:after: too late\n {2}at Timeout/)
  expect(said).toContain('2 steps done')
  expect(code).toBe(0)
  expect(said).not.toMatch(OURS)
})

it('a plugin that ends the process while it loads fails with its name', async () => {
  const bench = benchWithFaults()
  bench.write('mine.mjs', 'process.exit(0)', 'export default {}')
  const { code, said } = await inProcess(bench, 'tools', 'list')
  expect(said).toMatch(/plugin .*mine\.mjs: cannot be loaded: plugin .*mine\.mjs called process\.exit\(0\)/)
  expect(code).toBe(2)
})

/** Ways to print, with the word that each prints. */
const PRINTS: { readonly [word: string]: string } = {
  log: `console.log('log')`,
  info: `console.info('info')`,
  write: `process.stdout.write('write\\n')`,
  imported: `stdout.write('imported\\n')`,
  piped: `Readable.from(['piped\\n']).pipe(process.stdout)`,
  table: `console.table(['table'])`,
}

it.each([
  ['run', ['run', 'p.yaml', '--json'], 'print', 3],
  ['tools call', ['tools', 'call', 'mine', 'print', '--json'], 'print', 3],
  // its own process loads the file as well
  ['run of an isolated tool', ['run', 'p.yaml', '--json'], 'apart', 4],
] as const)('code of a plugin prints to stderr, and stdout stays JSON: %s', async (...given) => {
  const [, words, tool, times] = given
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'plugins: [mine.mjs]', 'embedder: none')
  bench.write(
    'mine.mjs',
    `import { stdout } from 'node:process'`,
    `import { Readable } from 'node:stream'`,
    `const print = () => { ${Object.values(PRINTS).join('; ')}; console.error('error') }`,
    'print()',
    `const input = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`,
    `const tool = { description: 'mine', effect: 'pure', input, async execute() {`,
    '  print(); setTimeout(print); await new Promise((resolve) => setTimeout(resolve, 20)); return { printed: true } } }',
    `export default [{ ...tool, name: 'mine:print' }, { ...tool, name: 'mine:apart', isolation: 'process' }]`,
  )
  bench.write('p.yaml', 'name: p', 'steps:', `  - { id: a, tool: 'mine:${tool}' }`)
  const { code, out, said } = await inProcess(bench, ...words)
  expect(() => JSON.parse(out)).not.toThrow()
  const printed = (word: string) => said.match(new RegExp(`\\b${word}\\b`, 'g'))?.length
  for (const word of [...Object.keys(PRINTS), 'error']) expect(printed(word), word).toBe(times)
  expect(code).toBe(0)
})
