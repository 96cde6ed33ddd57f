import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeBeginnings } from './beginnings.ts'
import type { Watch } from './command.ts'
import { installPacked, type Project } from './installed.ts'
import { describeLeaves } from './leaves.ts'
import { describeReplicas } from './replicas.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
let project: Project

// dear: npm packs the checkout, which builds it, and installs what it packed
beforeAll(async () => {
  project = await installPacked()
  project.write('antiphon.yaml', 'plugins: [plugins/shout.js, plugins/hold.ts]\n')
  project.write('plugins/shout.js', SHOUT)
  project.write('plugins/hold.ts', HOLD)
  project.write('tides.yaml', TIDES)
  project.write('wait.yaml', WAIT)
  project.write('notes.md', '# Tides\n\nA tide is a rise of the sea.\n\nThe moon draws the water towards itself.\n')
})
afterAll(() => project?.remove())

describe('antiphon and its packages in an empty folder', () => describeLeaves(() => project))

describe('create-antiphon', () => describeBeginnings(() => project))

describe('the example with two replicas', () => describeReplicas(() => project))

describe('the package', () => {
  test('holds what it needs and nothing else', () => {
    const top = [
      'Dockerfile',
      'LICENSE',
      'README.md',
      ...['bin', 'compose.yaml', 'create', 'dist', 'docs', 'examples', 'llms.txt', 'package.json', 'skills'],
    ]
    expect(readdirSync(project.installed).sort()).toEqual(top)
    expect(readdirSync(join(project.installed, 'bin')).sort()).toEqual([
      'antiphon.js',
      'launch.js',
      'node-version.d.ts',
      'node-version.js',
    ])
    // the pages of the dashboard are read by name
    const dist = filesBelow(join(project.installed, 'dist')).filter((path) => !path.startsWith('ui/'))
    const reached = reachedFiles(join(project.installed, 'dist'))
    expect(dist.filter((path) => !path.endsWith('.d.ts'))).toEqual([...reached, 'web/page/LICENSES.txt'].sort())
    expect(dist.length).toBeLessThan(1090)
    expect(dist.filter((path) => path.endsWith('.d.ts'))).toEqual(namedDeclarations(join(project.installed, 'dist')))
  })

  test('holds the documents and the examples, but for what runs in a checkout alone', () => {
    for (const folder of ['docs', 'examples']) {
      const whole = filesBelow(join(ROOT, folder)).filter(
        (path) => !/^(?:start|pictures|adr)\/|^(?:benchmarks|evidence)\.md$/.test(path),
      )
      expect(filesBelow(join(project.installed, folder))).toEqual(whole)
    }
  })

  test('is light with all it depends on', () => {
    const modules = join(project.folder, 'node_modules')
    // what a file takes on disk, as `du` counts it
    const bytes = filesBelow(modules).reduce((sum, path) => sum + statSync(join(modules, path)).blocks * 512, 0)
    expect(bytes / 1e6).toBeLessThan(60)
    expect(bytes / 1e6).toBeGreaterThan(10)
    for (const optional of ['@energetic-ai', 'vitest']) expect(existsSync(join(modules, optional))).toBe(false)
  })

  test('has pages of which 80 KB come before a list of runs shows, and 200 KB in all', () => {
    const folder = join(project.installed, 'dist/ui')
    const packed = (name: string) => gzipSync(readFileSync(join(folder, name))).length
    const { script, style, parts } = JSON.parse(readFileSync(join(folder, 'pages.json'), 'utf8'))
    const first = packed(script) + packed(style)
    expect(first).toBeLessThan(80_000)
    expect(parts.map(packed).reduce((sum: number, size: number) => sum + size, first)).toBeLessThan(200_000)
  })

  test('can be imported by every name it exports', async () => {
    const names = Object.keys(manifest.exports).map((path) => path.replace('.', 'antiphon'))
    expect(names).toEqual([
      'antiphon',
      'antiphon/client',
      'antiphon/extend',
      'antiphon/testing',
      'antiphon/testing/conformance',
      'antiphon/package.json',
    ])
    // from here on it is there
    project.link('vitest')
    const loads = names.map((name) => `import(${JSON.stringify(name)}${name.endsWith('.json') ? JSON_MODULE : ''})`)
    project.write('load.js', `console.log(JSON.stringify((await Promise.all([${loads}])).map((m) => Object.keys(m))))`)
    const { code, out, err } = await project.node('load.js')
    expect([code, err]).toEqual([0, ''])
    const [main, client, extend, testing, conformance, json] = JSON.parse(out)
    expect(main).toEqual(expect.arrayContaining(['createRuntime', 'defineActor', 'defineTool', 'inlineEngine', 'is']))
    expect(client).toEqual(['createClient', 'is'])
    expect(extend).toEqual(expect.arrayContaining(['defineExtension', 'unread']))
    expect(testing).toEqual(expect.arrayContaining(['gate', 'recordedModel', 'stubTool', 'testAgent', 'until']))
    expect(conformance).toEqual(['exerciseEngine'])
    expect(json).toEqual(['default'])
  })

  test('lets actors, programs and engines be tested as its documents say', async () => {
    const [torture, count, kill, conformance] = blocksOf('docs/testing.md')
    project.write('torture.ts', torture!)
    project.write('count.mts', count!)
    project.write('kill.mts', kill!)
    project.write('own.test.ts', conformance!)
    const runner = 'node_modules/vitest/vitest.mjs'
    const [tortured, killed, tested] = await Promise.all([
      project.node('torture.ts'),
      project.node('kill.mts'),
      project.node(runner, 'run', '--no-color'),
    ])
    expect(tortured).toEqual({ code: 0, out: expect.stringMatching(/^{ inline: \d+, libsql: \d+ } 2\n$/), err: '' })
    expect(killed).toEqual({
      code: 0,
      out: expect.stringMatching(/^10 kills, none of \d\d+ visits lost or counted twice\n$/),
      err: '',
    })
    expect([tested.code, tested.out]).toEqual([0, expect.stringMatching(/Tests +\d{3} passed \| 1 skipped/)])
  })

  test('loads none of its dependencies with its import, so that a tool costs nothing to define', async () => {
    project.write('loaded.js', LOADED)
    const { code, out, err } = await project.node('loaded.js')
    expect([code, err]).toEqual([0, ''])
    const loaded: readonly string[] = JSON.parse(out)
    expect(loaded.length).toBeGreaterThan(5)
    expect(loaded.filter((url) => !url.includes('/node_modules/antiphon/') && !url.startsWith('node:'))).toEqual([])
  })

  // dear: tsc reads all types twice
  test('has types that a strict project takes with all its checks', async () => {
    project.link('@types/node')
    project.link('undici-types')
    cpSync(join(ROOT, 'test/types'), join(project.folder, 'types'), { recursive: true })
    for (const [module, moduleResolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const compilerOptions = { ...STRICT, module, moduleResolution }
      project.write('types/tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
      // several checkers would each read most of the types: other tests use the other cores
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
      const { code, out } = await project.node(tsc, '-p', 'types', '--checkers', '1')
      expect([code, out]).toEqual([0, ''])
    }
  })
})

describe('the README, in a fresh project', () => {
  const [begin, install, refund, , commands] = blocksOf('README.md', 'sh')
  const lines = (block: string) => block.trim().split('\n')

  test('installs the tarball that npm pack writes, and copies what its commands read', async () => {
    const [pack, , make, start] = lines(begin!)
    expect(pack).toContain('npm pack --pack-destination .. && npm pack ./create --pack-destination ..')
    expect(make).toContain(`--package ./create-antiphon-${manifest.version}.tgz create-antiphon shop`)
    expect(make).toContain(`--antiphon ./antiphon-${manifest.version}.tgz --template support`)
    expect(start).toBe('cd shop && npm start')
    const [add, copy, program, ...others] = lines(install!)
    expect([add, others]).toEqual([`npm init -y && npm i ../antiphon-${manifest.version}.tgz zod`, []])
    expect(program).toContain('node examples/support.mts')
    expect(await project.shell(copy!)).toEqual({ code: 0, out: '', err: '' })
  })

  test('has a conversation that goes on after a kill', async () => {
    const waits = 'until npx antiphon inbox | grep -q "Call refund?"; do sleep 0.2; done'
    const killed = await project.shell(`node examples/support.mts & ${waits}; kill -9 $!`)
    expect(killed.code).toBe(0)
    const said: string[] = []
    for (const line of lines(refund!)) {
      const { code, out, err } = await project.shell(line)
      expect({ line, code, ...(code !== 0 && { out, err }) }).toEqual({ line, code: 0 })
      said.push(out)
    }
    expect(said[2]).toContain('I am sorry. You get your money back. true')
    expect(said[3]).toMatch(/^order 1789, 4900 cents, .*\n$/)
  })

  test('has commands that work, one after the other', async () => {
    project.write('notes.yaml', blocksOf('README.md', 'yaml')[0]!)
    let id = ''
    for (const line of lines(commands!)) {
      const { code, out, err } = await project.shell(line.replace(/\bRUN\b/, id))
      expect({ line, code, ...(code !== 0 && { out, err }) }).toEqual({ line, code: 0 })
      id ||= /run_[\w-]+/.exec(line.startsWith('npx antiphon runs') ? out : '')?.[0] ?? ''
    }
    expect(id).not.toBe('')
  })

  test('has a guide with an actor that counts, and examples that run', async () => {
    project.write('counter.mts', blocksOf('docs/actors.md')[0]!)
    // other tests of this project may have counted before
    const [first, second] = [await project.node('counter.mts'), await project.node('counter.mts')]
    expect([first.code, second.code]).toEqual([0, 0])
    expect(Number(first.out)).toBeGreaterThan(0)
    expect(Number(second.out)).toBe(Number(first.out) + 1)
    expect(await project.antiphon(['run', 'examples/word-count.yaml'])).toMatchObject({ code: 0 })
  })
})

describe('the installed command', () => {
  test('says its version and its commands', async () => {
    expect(await project.antiphon(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
    const { code, out, err } = await project.antiphon(['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const command of ['run', 'validate', 'ask', 'runs', 'resume', 'doctor']) expect(out).toContain(`  ${command} `)
  })

  test('looks at the machine', async () => {
    const { out, err } = await project.antiphon(['doctor'])
    expect(err).toBe('')
    expect(out).toMatch(/^ok +node .*\n(.*\n)*ok +model +offline\/extractive.*BM25/)
  })

  test('validates', async () => {
    expect(await project.antiphon(['validate', 'tides.yaml'])).toMatchObject({ code: 0 })
    project.write('wrong.yaml', TIDES.replace('tool: shout', 'tool: shuot'))
    const { code, out, err } = await project.antiphon(['validate', 'wrong.yaml'])
    expect(code).toBe(2)
    expect(out + err).toMatch(/wrong\.yaml:\d+:\d+: .*shuot.*\n.*shout/)
  })

  test('runs files, programs, a model and tools of the project, in JavaScript and in TypeScript', async () => {
    project.write('go', '')
    const { code, out, err } = await project.antiphon(['run', 'tides.yaml', '-i', 'word=ebb', '--json'])
    expect([code, err]).toEqual([0, expect.stringContaining('✓')])
    expect(JSON.parse(out).outputs).toEqual({
      loud: 'EBB',
      found: 'go',
      text: expect.stringContaining('The moon draws the water'),
    })
    expect(readFileSync(join(project.folder, 'out.txt'), 'utf8')).toContain('ebb')
    expect(await project.antiphon(['runs'])).toMatchObject({ code: 0, out: expect.stringMatching(/completed .*tides/) })
  })

  test('answers from a file, and says where it stands', async () => {
    const { code, out } = await project.antiphon(['ask', 'What draws the water?', '--file', 'notes.md'])
    expect(code).toBe(0)
    expect(out).toMatch(/The moon draws the water towards itself\.(.|\n)*notes\.md:5/)
  })

  test('goes on with a run that was killed', async () => {
    const watch: Watch = (err, kill) => err.includes('✓ before') && kill()
    const killed = await project.antiphon(['run', 'wait.yaml'], { watch })
    expect(killed).toMatchObject({ code: null, out: '' })
    const runs = JSON.parse((await project.antiphon(['runs', '--json'])).out)
    const { id } = runs.find(({ name }: { name: string }) => name === 'wait')
    project.write('later', '')
    const { code, out } = await project.antiphon(['resume', id])
    expect([code, out]).toEqual([0, 'found: later\n'])
    expect(readFileSync(join(project.folder, 'before.txt'), 'utf8')).toBe('once\n')
  })

  test('gives tools their antiphon also where it is not installed', async () => {
    const folder = join(project.folder, '../elsewhere')
    project.write('../elsewhere/antiphon.yaml', 'plugins: [plain.js]\n')
    project.write('../elsewhere/plain.js', PLAIN)
    project.write(
      '../elsewhere/plain.yaml',
      'name: plain\nsteps:\n  - { id: a, tool: plain }\noutputs: { said: "{{ a.said }}" }\n',
    )
    expect(await project.antiphon(['run', 'plain.yaml'], { folder })).toMatchObject({ code: 0, out: 'said: plain\n' })
    // an optional package is found from the project, too
    project.write('../elsewhere/antiphon.yaml', 'plugins: [plain.js]\ntelemetry: { endpoint: http://127.0.0.1:9 }\n')
    const lacking = await project.antiphon(['run', 'plain.yaml'], { folder })
    expect([lacking.code, lacking.err]).toEqual([2, expect.stringContaining('npm install "@opentelemetry/api@')])
    project.link('@opentelemetry', join(folder, 'node_modules'))
    expect(await project.antiphon(['run', 'plain.yaml'], { folder })).toMatchObject({ code: 0 })
  })

  // last: from here on the encoder is there
  test('embeds in its thread once the encoder is installed', async () => {
    project.write('embed.js', EMBED)
    expect(await project.node('embed.js')).toMatchObject({
      code: 0,
      out: expect.stringContaining('@energetic-ai/core'),
    })
    project.link('@energetic-ai')
    expect(await project.node('embed.js')).toEqual({ code: 0, out: '512\n', err: '' })
  })
})

/** The programs of a document, or its blocks in another language. */
function blocksOf(document: string, language = 'ts'): readonly string[] {
  return readFileSync(join(ROOT, document), 'utf8').match(
    new RegExp(`(?<=^\`\`\`${language}\\n)[\\s\\S]*?(?=^\`\`\`)`, 'gm'),
  )!
}

/** The programs and exports of the package, and all modules that they name: by an import, or by a URL as threads are. */
function reachedFiles(folder: string): readonly string[] {
  const exported: readonly (string | { readonly default: string })[] = Object.values(manifest.exports)
  const reached = new Set(
    exported
      .flatMap((entry) => (typeof entry === 'string' ? [] : relative('dist', entry.default)))
      .concat('cli/main.js'),
  )
  for (const path of reached) {
    const code = readFileSync(join(folder, path), 'utf8')
    for (const [, other] of code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]*\.js)"/g))
      reached.add(join(path, '..', other!))
    // the place of a module that names a thread or a job beside it
    for (const [, name, place] of code.matchAll(/new URL\(`([^`$]+)\$\{extname\(new URL\("([^"]+)"/g))
      reached.add(join(path, '..', place!, '..', `${name}.js`))
    for (const [, place] of code.matchAll(/new URL\(new URL\("([^"]+)", import\.meta\.url\)/g))
      reached.add(join(path, '..', place!))
  }
  return [...reached]
}

/** The declarations that the exports name, and those that these name, by path from the folder. */
function namedDeclarations(folder: string): readonly string[] {
  const exported: readonly (string | { readonly types: string })[] = Object.values(manifest.exports)
  const named = new Set(
    exported.flatMap((entry) => (typeof entry === 'string' ? [] : join(entry.types.slice('./dist'.length)).slice(1))),
  )
  for (const path of named)
    for (const [, other] of readFileSync(join(folder, path), 'utf8').matchAll(
      /(?:from |import[ (])['"](\..*?)\.[jt]s['"]/g,
    ))
      named.add(`${join(dirname(path), other!)}.d.ts`)
  return [...named].sort()
}

/** All files below a folder, by path from it. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

const JSON_MODULE = `, { with: { type: 'json' } }`

const STRICT = {
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  noEmit: true,
}

const LOADED = `import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
await import('antiphon')
console.log(JSON.stringify(loaded))`

const EMBED = `import { Worker } from 'node:worker_threads'
const thread = new Worker(new URL('./node_modules/antiphon/dist/model/embed/embed-worker.js', import.meta.url))
thread.on('message', ({ vectors, error }) => {
  console.log(error ?? vectors[0].length)
  void thread.terminate()
})
thread.postMessage({ id: 1, texts: ['a text'] })`

const SHOUT = `import { defineTool } from 'antiphon'
import { z } from 'zod'
export default defineTool({
  name: 'shout',
  description: 'Says a text in capitals.',
  input: z.object({ text: z.string() }),
  effect: 'pure',
  execute: ({ text }) => ({ loud: text.toUpperCase() }),
})`

const HOLD = `import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { defineTool, type ToolContext } from 'antiphon'
import { z } from 'zod'
const input = z.object({ file: z.string() })
type Input = z.infer<typeof input>
export default defineTool({
  name: 'hold',
  description: 'Waits until a file is there.',
  input,
  effect: 'idempotent',
  async execute({ file }: Input, { root, signal }: ToolContext) {
    while (!existsSync(join(root, file))) await setTimeout(10, undefined, { signal })
    return { found: file }
  },
})`

const PLAIN = `import { defineTool } from 'antiphon'
const input = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } }
export default defineTool({ name: 'plain', description: 'Speaks.', input, effect: 'pure', execute: () => ({ said: 'plain' }) })`

const TIDES = `name: tides
inputs:
  word: { type: string, default: flow }
steps:
  - id: write
    tool: filesystem
    action: write
    parameters: { path: out.txt, content: "{{ word }}: a tide is a rise of the sea.\\nThe moon draws the water.\\n" }
  - id: read
    tool: terminal
    action: execute
    parameters: { command: cat out.txt }
    dependencies: [write]
  - id: shout
    tool: shout
    parameters: { text: "{{ word }}" }
  - id: hold
    tool: hold
    parameters: { file: go }
  - id: text
    action: generate
    parameters: { prompt: "What draws the water? {{ read.stdout }}" }
outputs:
  loud: "{{ shout.loud }}"
  found: "{{ hold.found }}"
  text: "{{ text.result }}"
`

const WAIT = `name: wait
steps:
  - id: before
    tool: filesystem
    action: append
    parameters: { path: before.txt, content: "once\\n" }
  - id: hold
    tool: hold
    parameters: { file: later }
    dependencies: [before]
outputs: { found: "{{ hold.found }}" }
`
