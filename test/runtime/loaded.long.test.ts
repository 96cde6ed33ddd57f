import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'

const GOOD = 'good'
const EVIL = 'evil'

const tool = `{ name: 'own', description: 'o', effect: 'pure', input: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } }, execute: () => 'x' }`

/** A project with all that is loaded or run. Files without a text are not there yet. */
const FILES: { readonly [path: string]: string | undefined } = {
  // a plugin, what it imports, and what would be imported instead
  'plugins/own.js': `import { a } from '../lib/a.js'\nimport '#alias'\nimport 'linked'\nimport { createRequire } from 'node:module'\nconst name = 'x'\nexport const later = () => createRequire(import.meta.url)('../lib/common')\nexport const some = () => import(\`../steps/\${name}.js\`)\nexport default a && ${tool}\n`,
  'lib/a.js': `import './deep/b.js'\nexport const a = '${GOOD}'\n`,
  'lib/deep/b.js': `export const b = '${GOOD}'\n`,
  'lib/common.js': undefined,
  'lib/common/index.js': undefined,
  'steps/new.js': undefined,
  'plugins/new.js': undefined,
  'aliased/alias.js': `// ${GOOD}\n`,
  'packages/linked/index.js': `// ${GOOD}\n`,
  // programs of MCP servers
  'servers/one.js': `import './part.js'\n// ${GOOD}\n`,
  'servers/part.js': `// ${GOOD}\n`,
  'servers/new.js': undefined,
  'one.py': `import helper\n# ${GOOD}\n`,
  'helper.py': `# ${GOOD}\n`,
  'json.py': undefined,
  'run.sh': `# ${GOOD}\nexec node inner/two.js\n`,
  'inner/two.js': `// ${GOOD}\n`,
  'preload.cjs': `// ${GOOD}\n`,
  // pipelines that are followed or served
  'flows/copy.yaml': undefined,
  'flows/known.yaml': `name: known\nsteps:\n  - { id: one, tool: debug, parameters: { message: "{{ file:texts/part.txt }}" } }\n  - { id: two, tool: pipeline-executor, parameters: { pipeline: child } }\n`,
  'flows/texts/part.txt': GOOD,
  'flows/child.yaml': `name: child\nsteps:\n  - { id: one, tool: debug, parameters: { message: ${GOOD} } }\n`,
  'served/greet.yaml': `name: greet\nsteps:\n  - { id: one, tool: debug, parameters: { message: "{{ file:say.md }}" } }\n`,
  'served/say.md': GOOD,
  'prompts/say.md': undefined,
  // repositories and hooks
  '.git/config': `[core]\n\thooksPath = checks\n# ${GOOD}\n`,
  '.git/hooks/post-merge': undefined,
  'checks/pre-commit': `# ${GOOD}\n`,
  'sub/.git': `gitdir: ../store\n# ${GOOD}\n`,
  'work/.git/hooks/pre-commit': undefined,
  'work/nested/.GIT/config': undefined,
  'store/HEAD': `ref: refs/heads/${GOOD}\n`,
  'store/config': `# ${GOOD}\n`,
  'store/hooks/pre-commit': undefined,
  '.gitmodules': undefined,
  '.gitattributes': undefined,
  '.husky/pre-commit': undefined,
  '.github/workflows/ci.yml': `# ${GOOD}\n`,
  // packages, shells and editors
  'package.json': JSON.stringify({ type: 'module', note: GOOD, imports: { '#alias': './aliased/alias.js' } }),
  'work/package.json': undefined,
  'work/Package.json': undefined,
  'package-lock.json': undefined,
  'node_modules/good/index.js': `// ${GOOD}\n`,
  'work/node_modules/zod/index.js': undefined,
  '.npmrc': undefined,
  'work/.npmrc': `# ${GOOD}\n`,
  '.yarnrc.yml': undefined,
  '.pnpmfile.cjs': undefined,
  '.envrc': undefined,
  '.env.local': undefined,
  'work/.bashrc': undefined,
  '.vscode/tasks.json': undefined,
  'work/.idea/x.xml': undefined,
  Makefile: undefined,
  'work/vite.config.ts': undefined,
  'work/conftest.py': undefined,
  // another project of antiphon
  'work/antiphon.yaml': undefined,
  'work/.mcp.json': undefined,
}

const CONFIG = `
plugins: [plugins/own.js]
writes: [work]
tools: { approve: none }
web: { allow: [127.0.0.1] }
mcp: { serve: [served/greet.yaml] }
mcpServers:
  one: { command: node, args: [one.js], cwd: servers }
  two: { command: sh, args: ['-c', 'python3 one.py --quiet'] }
  three: { command: ./run.sh, env: { NODE_OPTIONS: '--require=./preload.cjs' } }
`

const NAMES = Object.keys(FILES)
let folder: string
let runtime: ServedRuntime
let address: string
const page = createServer((_, response) => response.end(EVIL))
const path = (name: string) => join(folder, name)

function fill(): void {
  for (const [name, text] of Object.entries(FILES)) {
    if (text === undefined) {
      rmSync(path(name), { force: true })
      continue
    }
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), text)
  }
  chmodSync(path('run.sh'), 0o755)
  rmSync(path('work/evil'), { recursive: true, force: true })
  mkdirSync(path('work/evil'), { recursive: true })
  mkdirSync(path('work/links'), { recursive: true })
  writeFileSync(path('work/evil.txt'), EVIL)
  for (const [index, name] of NAMES.entries()) {
    mkdirSync(path(`work/evil/${index}`))
    writeFileSync(path(`work/evil/${index}/${basename(name)}`), EVIL)
    rmSync(path(`work/links/${index}`), { force: true })
    symlinkSync(path(name), path(`work/links/${index}`))
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-loaded-'))
  chmodSync(folder, 0o755)
  writeFileSync(path('antiphon.yaml'), CONFIG)
  mkdirSync(path('agents'))
  for (const name of ['copy', 'known'])
    writeFileSync(
      path(`agents/${name}.md`),
      `---\ndescription: x\ntools: [Read]\nplaybook: flows/${name}.yaml\n---\nDo it.\n`,
    )
  mkdirSync(path('node_modules'))
  mkdirSync(path('store/objects'), { recursive: true })
  fill()
  symlinkSync('../packages/linked', path('node_modules/linked'))
  const config = await loadConfig({ folder, environment: { PATH: process.env.PATH } })
  runtime = await createRuntime({ ...config, embedder: 'none' })
  await runtime.tools.call([{ tool: 'debug', parameters: { message: EVIL } }], { id: 'look' })
  await runtime.idle()
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`
})
beforeEach(() => fill())
afterAll(async () => {
  page.close()
  await runtime?.stop({ grace: 0 })
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

type Call = { readonly tool: string; readonly parameters: { readonly [name: string]: Json } }

async function end(calls: readonly Call[], options = {}) {
  const { id } = await runtime.tools.call(calls, { chosenByModel: true, onFailure: 'continue', ...options })
  await runtime.idle()
  const { steps } = await runtime.runs.get(id)
  return calls.map((call, index) => ({ ...call, ...steps[`call_${index + 1}`] }))
}

/** What stands in each file, and its mode. */
const world = () =>
  NAMES.map((name) =>
    existsSync(path(name)) && statSync(path(name)).isFile()
      ? [name, readFileSync(path(name), 'utf8'), statSync(path(name)).mode]
      : [name],
  )

const WAYS: { readonly [way: string]: (name: string, index: number) => Call } = {
  write: (name) => ({ tool: 'filesystem:write', parameters: { path: name, content: EVIL } }),
  'write through a link': (_, index) => ({
    tool: 'filesystem:write',
    parameters: { path: `work/links/${index}`, content: EVIL },
  }),
  append: (name) => ({ tool: 'filesystem:append', parameters: { path: name, content: EVIL } }),
  edit: (name) => ({ tool: 'filesystem:edit', parameters: { path: name, old_text: GOOD, new_text: EVIL } }),
  copy: (name) => ({ tool: 'filesystem:copy', parameters: { path: 'work/evil.txt', destination: name } }),
  move: (name, index) => ({
    tool: 'filesystem:move',
    parameters: { path: `work/evil/${index}/${basename(name)}`, destination: name },
  }),
  'move into the folder': (name, index) => ({
    tool: 'filesystem:move',
    parameters: { path: `work/evil/${index}/${basename(name)}`, destination: `${dirname(name)}/` },
  }),
  'copy a folder': (name, index) => ({
    tool: 'filesystem:copy',
    parameters: { path: `work/evil/${index}`, destination: dirname(name) },
  }),
  delete: (name) => ({ tool: 'filesystem:delete', parameters: { path: name } }),
  'move away': (name) => ({ tool: 'filesystem:move', parameters: { path: name, destination: 'work/away' } }),
  chmod: (name) => ({ tool: 'filesystem:chmod', parameters: { path: name, mode: '777' } }),
  download: (name) => ({ tool: 'http-client:get', parameters: { url: address, output_path: name } }),
  report: (name) => ({ tool: 'report-generator:generate', parameters: { content: EVIL, output_path: name } }),
  script: (name) => ({
    tool: 'javascript-executor:execute',
    parameters: { code: `write(${JSON.stringify(basename(name))}, '${EVIL}')`, output_dir: dirname(name) },
  }),
  checkpoint: (name) => ({ tool: 'checkpoint:extract', parameters: { execution_id: 'look', output_file: name } }),
}

describe('a file that is loaded or run stays as it is', () => {
  test.each(Object.keys(WAYS))('%s', async (way) => {
    const before = world()
    const calls = NAMES.map((name, index) => WAYS[way]!(name, index))
    // an engine for scripts is slow to start
    const ends = await end(calls.filter((_, index) => way !== 'script' || index % 8 === 0))
    expect(ends.filter(({ status }) => status === 'completed').map(({ parameters }) => parameters)).toEqual([])
    expect(world()).toEqual(before)
  })

  test('also as the whole folder, or by a folder that holds one', async () => {
    const before = world()
    mkdirSync(path('work/lib/deep'), { recursive: true })
    mkdirSync(path('vendor/.git/hooks'), { recursive: true })
    writeFileSync(path('vendor/.git/hooks/pre-commit'), EVIL)
    const ends = await end([
      { tool: 'filesystem:move', parameters: { path: 'lib', destination: 'work/away' } },
      { tool: 'filesystem:move', parameters: { path: 'served', destination: 'work/away' } },
      { tool: 'filesystem:delete', parameters: { path: 'flows', recursive: true } },
      { tool: 'filesystem:delete', parameters: { path: '.git', recursive: true } },
      { tool: 'filesystem:delete', parameters: { path: 'sub', recursive: true } },
      { tool: 'filesystem:copy', parameters: { path: 'vendor', destination: 'work/vendor' } },
      { tool: 'filesystem:move', parameters: { path: 'vendor', destination: 'work/vendor' } },
      { tool: 'filesystem:copy', parameters: { path: 'work/lib', destination: 'lib' } },
      { tool: 'filesystem:mkdir', parameters: { path: 'work/node_modules/x' } },
    ])
    expect(ends.filter(({ status }) => status === 'completed').map(({ parameters }) => parameters)).toEqual([
      // it holds folders only, and changes no file
      { path: 'work/lib', destination: 'lib' },
    ])
    expect(world()).toEqual(before)
    rmSync(path('vendor'), { recursive: true })
  })

  test('also by another name of it', async () => {
    linkSync(path('lib/a.js'), path('work/other.txt'))
    const parameters = { path: 'work/other.txt', content: EVIL }
    const [appended] = await end([{ tool: 'filesystem:append', parameters }])
    const [written] = await end([{ tool: 'filesystem:write', parameters }])
    expect(appended).toMatchObject({ status: 'failed', error: expect.stringMatching(/hard links/) })
    expect(written).toMatchObject({ status: 'completed' })
    expect(readFileSync(path('lib/a.js'), 'utf8')).toBe(FILES['lib/a.js'])
    rmSync(path('work/other.txt'))
  })

  test('also for a caller without rights', async () => {
    const before = world()
    const ends = await end(
      NAMES.map((name) => WAYS.write!(name, 0)),
      { chosenByModel: false, trusted: false },
    )
    expect(ends.filter(({ status }) => status === 'completed')).toEqual([])
    expect(world()).toEqual(before)
  })
})

test('it can be read, and other files can be written', async () => {
  const there = NAMES.filter((name) => FILES[name] !== undefined && !name.startsWith('plugins/'))
  const reads = await end(there.map((name) => ({ tool: 'filesystem:read', parameters: { path: name } })))
  expect(reads.filter(({ status }) => status !== 'completed').map(({ parameters }) => parameters)).toEqual([])
  const open = ['work/a.js', 'work/notes.md', 'docs/guide.md', 'data.json', 'index.html', 'inner/other.js']
  const writes = await end(open.map((name) => WAYS.write!(name, 0)))
  expect(writes.filter(({ status }) => status !== 'completed')).toEqual([])
  const copy = { path: 'package.json', destination: 'work/copy.txt' }
  expect(await end([{ tool: 'filesystem:copy', parameters: copy }])).toMatchObject([{ status: 'completed' }])
})

test('an author may change it', async () => {
  const ends = await end(
    NAMES.filter((name) => !name.endsWith('HEAD')).map((name) => WAYS.write!(name, 0)),
    { chosenByModel: false },
  )
  expect(ends.filter(({ status }) => status !== 'completed')).toEqual([])
})
