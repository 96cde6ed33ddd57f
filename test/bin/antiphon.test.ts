import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SIGNALS = new URL('../../src/cli/terminal/signals.ts', import.meta.url).href
// makes this Node say that it is an old one, to the launcher alone
const OLD = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`

it('starts the sources of a checkout, and `antiphon` resolves to these sources', async () => {
  const bench = openBench()
  bench.write('src/index.ts', `export const word: string = 'one'; export const made = {}`)
  bench.write('trials/index.ts', `export const word: string = 'two'`)
  bench.write(
    'plugins/own.ts',
    `export { word, made } from 'antiphon'; export { word as tested } from 'antiphon/testing'`,
  )
  bench.write(
    'src/cli/main.ts',
    `import * as plugin from '../../plugins/own.ts'; import { made } from '../index.ts'
     console.log(plugin.word, plugin.tested, plugin.made === made, process.argv.slice(2).join())`,
  )
  expect(await bench.launch(['a', '--b']).ended).toEqual({
    code: 0,
    signal: null,
    out: 'one two true a,--b\n',
    err: '',
  })
})

it('starts the built files when there are no sources, and `antiphon` resolves to them', async () => {
  const bench = openBench()
  bench.write('dist/index.js', `export const word = 'one'`)
  bench.write('dist/trials/index.js', `export const word = 'two'`)
  bench.write('plugins/own.js', `export { word } from 'antiphon'; export { word as tested } from 'antiphon/testing'`)
  bench.write('dist/cli/main.js', `import * as p from '../../plugins/own.js'; console.log('built', p.word, p.tested)`)
  expect(await bench.launch([]).ended).toEqual({ code: 0, signal: null, out: 'built one two\n', err: '' })
})

it('starts itself again on its own Node when this one is too old, and passes on how that ended', async () => {
  const bench = openBench({ ownNode: true })
  bench.write('src/cli/main.ts', `console.log(process.versions.node, process.env.ANTIPHON_LAUNCHER); process.exit(7)`)
  const ended = await bench.launch([], { old: true }).ended
  expect(ended).toEqual({ code: 7, signal: null, out: `${process.versions.node} undefined\n`, err: '' })
  bench.write('src/cli/main.ts', `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)`)
  expect(await bench.launch([], { old: true }).ended).toMatchObject({ code: null, signal: 'SIGTERM' })
})

it.each(['--version', '-V'])('tells its version for %s, and loads nothing for it', async (flag) => {
  const bench = openBench()
  bench.write('package.json', JSON.stringify({ type: 'module', version: '9.8.7' }))
  bench.write('src/cli/main.ts', `console.log('loaded')`)
  expect(await bench.launch([flag]).ended).toEqual({ code: 0, signal: null, out: '9.8.7\n', err: '' })
  expect(await bench.launch([flag, 'runs']).ended).toMatchObject({ out: 'loaded\n' })
})

it('does not keep a command alive that is done', async () => {
  const bench = openBench({ ownNode: true })
  bench.write('src/cli/main.ts', `console.log('done')`)
  expect(await bench.launch([], { old: true }).ended).toMatchObject({ code: 0, out: 'done\n' })
})

it('says what to do when there is no Node that is new enough', async () => {
  const bench = openBench()
  bench.write('src/cli/main.ts', '')
  const { code, out, err } = await bench.launch([], { old: true }).ended
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(
    /^antiphon needs Node 22\.18 or newer, and this is 20\.20\.2\. Install a newer one: npm i node@24\. Or run "npm ci" in .*"npx node" in place of "node" from then on\.\n$/,
  )
  bench.write('node_modules/node/package.json', '{}')
  expect((await bench.launch([], { old: true }).ended).err).toContain(
    'Or run "npm rebuild node --ignore-scripts=false"',
  )
})

it('says in a program, before anything else, that this Node is too old', async () => {
  const bench = openBench()
  cpSync(join(ROOT, 'src/lib/require-node.ts'), join(bench.folder, 'src/lib/require-node.ts'))
  bench.write('own.ts', `import './src/lib/require-node.ts'; console.log('started')`)
  const start = (...first: readonly string[]) =>
    listen(spawn(process.execPath, [...first, join(bench.folder, 'own.ts')]))
  expect(await start().ended).toMatchObject({ code: 0, out: 'started\n' })
  const { code, out, err } = await start('--import', OLD).ended
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(
    'Error: antiphon needs Node 22.18 or newer, and this is 20.20.2. Install a newer one: npm i node@24. Then start this program with "npx node" in place of "node".',
  )
  for (const entry of ['src/index.ts', 'trials/index.ts'])
    expect(readFileSync(join(ROOT, entry), 'utf8').match(/^(?:import|export) .*/m)?.[0]).toContain(
      'lib/require-node.ts',
    )
})

it("refuses Yarn Plug'n'Play, in a command and in a program", async () => {
  const pnp = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,pnp:'3'}})`
  const bench = openBench()
  bench.write('src/cli/main.ts', `console.log('started')`)
  cpSync(join(ROOT, 'src/lib/require-node.ts'), join(bench.folder, 'src/lib/require-node.ts'))
  for (const [file, code] of [
    ['bin/antiphon.js', 2],
    ['src/lib/require-node.ts', 1],
  ] as const)
    expect(await listen(spawn(process.execPath, ['--import', pnp, join(bench.folder, file)])).ended).toMatchObject({
      code,
      out: '',
      err: expect.stringContaining('nodeLinker: node-modules'),
    })
})

it.each(['both', 'the launcher alone'])('acts once on a Ctrl-C that reaches %s', async (reached) => {
  const bench = openBench({ ownNode: true })
  bench.write('src/cli/main.ts', listening)
  const { child, said, ended } = bench.launch([], { old: true })
  await said('ready')
  if (reached === 'both') process.kill(-child.pid!, 'SIGINT')
  else child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: 130, out: expect.stringMatching(/^ready \d+\nstop\n$/) })
})

it('ends the command when the launcher is killed', async () => {
  const bench = openBench({ ownNode: true })
  bench.write('src/cli/main.ts', listening)
  const { child, said, ended } = bench.launch([], { old: true })
  await said('ready')
  child.kill('SIGKILL')
  // the command holds the launcher's output open as long as it lives
  expect(await ended).toMatchObject({ signal: 'SIGKILL', out: expect.stringMatching(/^ready \d+\n$/) })
})

it('runs from this checkout without a warning', async () => {
  const { ended } = listen(spawn(process.execPath, [join(ROOT, 'bin/antiphon.js'), '--version']))
  expect(await ended).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
})

const listening = `import { listenForSignals } from ${JSON.stringify(SIGNALS)}
  listenForSignals(() => console.log('end')).asked.then(() => {
    console.log('stop')
    setTimeout(() => process.exit(130), 300)
  })
  console.log('ready', process.pid)
  setInterval(() => {}, 1000)`

function openBench({ ownNode = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-bin-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', '{ "type": "module" }')
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  if (ownNode) {
    mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
    symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
  }
  const launch = (args: readonly string[], { old = false } = {}) => {
    const first = old ? ['--import', OLD] : []
    return listen(spawn(process.execPath, [...first, join(folder, 'bin/antiphon.js'), ...args], { detached: true }))
  }
  return { folder, write, launch }
}

function listen(child: ChildProcess) {
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stderr?.on('data', (text) => (err += text))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }))
  const said = (word: string) =>
    new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', () => out.includes(word) && resolve(out))
      void ended.then(() => reject(new Error(`it ended without a word: ${err}`)))
    })
  child.stdout?.on('data', (text) => (out += text))
  return { child, said, ended }
}
