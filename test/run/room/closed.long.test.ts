import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { bubblewrap } from '../../../src/sandbox/bubblewrap.ts'

/** A word that stands in each file of antiphon, and in no open one. */
const SEALED = 'sealed'

/** Files of antiphon, with what they hold; those without text are not there yet. */
const FILES: { readonly [path: string]: string | undefined } = {
  'antiphon.yaml': `# ${SEALED}\nplugins: [plugins/own.js]\ntools: { approve: none }\n`,
  'models.yaml': `# ${SEALED}\n`,
  '.antiphon/notes': SEALED,
  'agents/one.md': SEALED,
  'agents/new.md': undefined,
  '.claude/agents/one.md': SEALED,
  '.github/agents/one.md': SEALED,
  '.github/chatmodes/one.chatmode.md': SEALED,
  'skills/one/SKILL.md': SEALED,
  'skills/new/SKILL.md': undefined,
  'plugins/own.js': `// ${SEALED}\nexport { default } from ${JSON.stringify(join(import.meta.dirname, '../../runtime/inspect/tools.ts'))}\n`,
  'mcp.lock.json': JSON.stringify({ version: 1, servers: {}, note: SEALED }),
  '.mcp.json': undefined,
  'AGENTS.md': SEALED,
}

const NAMES = Object.keys(FILES)

let folder: string
let runtime: ServedRuntime

const path = (name: string) => join(folder, name)

/** Writes all files, and links to them in an open folder. */
function fill(): void {
  for (const [name, text] of Object.entries(FILES)) {
    if (text === undefined) continue
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), text)
  }
  rmSync(path('open'), { recursive: true, force: true })
  mkdirSync(path('open'))
  writeFileSync(path('open/a.txt'), 'ebb')
  for (const [index, name] of NAMES.entries()) {
    symlinkSync(path(name), path(`open/link-${index}`))
    symlinkSync(dirname(path(name)), path(`open/folder-${index}`))
  }
}

beforeEach(() => fill())
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-closed-'))
  // the user nobody of a sandbox may enter it
  chmodSync(folder, 0o755)
  fill()
  const config = await loadConfig({ folder, environment: { PATH: process.env.PATH } })
  runtime = await createRuntime({ ...config, embedder: 'none' })
})
afterAll(async () => {
  await runtime.stop({ grace: 0 })
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

type Call = { readonly tool: string; readonly parameters: { readonly [name: string]: Json } }

/** How calls end that a model chose, as in the document of a run. */
async function end(calls: readonly Call[]) {
  const { id } = await runtime.tools.call(calls, { chosenByModel: true, onFailure: 'continue' })
  await runtime.idle()
  const { steps } = await runtime.runs.get(id)
  return calls.map((_, index) => steps[`call_${index + 1}`]!)
}

function expectUntouched(): void {
  for (const [name, text] of Object.entries(FILES))
    expect(existsSync(path(name)) ? readFileSync(path(name), 'utf8') : undefined, name).toBe(text)
  for (const made of ['open/taken', 'open/made']) expect(existsSync(path(made)), made).toBe(false)
}

const filesystem = (action: string, file: string, more: { readonly [name: string]: Json } = {}): Call => ({
  tool: `filesystem:${action}`,
  parameters: { path: file, ...more },
})
const located = (file: string): Json => ({
  name: 'located',
  steps: [{ id: 'say', tool: 'debug', location: file, parameters: { message: 'x' } }],
})

/** Ways to a file, each with the call that takes it. */
const WAYS: { readonly [way: string]: (file: string) => Call } = {
  'filesystem:read': (file) => filesystem('read', file),
  'filesystem:exists': (file) => filesystem('exists', file),
  'filesystem:list': (file) => filesystem('list', file),
  'filesystem:search': (file) => filesystem('search', file, { text: SEALED }),
  'filesystem:copy from': (file) => filesystem('copy', file, { destination: 'open/taken' }),
  'filesystem:copy to': (file) => filesystem('copy', 'open/a.txt', { destination: file }),
  'filesystem:move from': (file) => filesystem('move', file, { destination: 'open/taken' }),
  'filesystem:move to': (file) => filesystem('move', 'open/a.txt', { destination: file }),
  'filesystem:write': (file) => filesystem('write', file, { content: 'x' }),
  'filesystem:append': (file) => filesystem('append', file, { content: 'x' }),
  'filesystem:edit': (file) => filesystem('edit', file, { old_text: SEALED, new_text: 'x' }),
  'filesystem:delete': (file) => filesystem('delete', file),
  'filesystem:chmod': (file) => filesystem('chmod', file, { mode: '600' }),
  'filesystem:mkdir': (file) => filesystem('mkdir', `${file}/made`),
  'report-generator': (file) => ({
    tool: 'report-generator:generate',
    parameters: { title: 'x', content: 'x', output_path: file },
  }),
  'location:': (file) => ({ tool: 'pipeline-executor', parameters: { pipeline: located(file) } }),
}

/** Ways by code, which takes time to start. */
const CODE: typeof WAYS = {
  'javascript files': (file) => ({
    tool: 'javascript-executor',
    parameters: { code: 'return files', files: [file] },
  }),
  'javascript output_dir': (file) => ({
    tool: 'javascript-executor',
    parameters: { code: `write(${JSON.stringify(basename(file))}, 'x')`, output_dir: dirname(file) },
  }),
}

/** Ways that need a sandbox. */
const SANDBOXED: typeof WAYS = {
  'python files': (file) => ({
    tool: 'python-executor',
    parameters: { code: `print(open(${JSON.stringify(basename(file))}).read())`, files: [file] },
  }),
  'python output_dir': (file) => ({
    tool: 'python-executor',
    parameters: { code: `open('out/${basename(file)}', 'w').write('x')`, output_dir: dirname(file) },
  }),
  'terminal write': (file) => ({ tool: 'terminal', parameters: { command: `echo x > ${file}`, write: true } }),
}

const gap = await bubblewrap.check()
const why = gap ? ` (skipped: ${gap.reason})` : ''

/** To move or remove a link is to leave its file alone. */
const OF_LINKS = ['filesystem:move from', 'filesystem:move to', 'filesystem:delete']

/** Links in an open folder that lead to the files. */
const LINKS = NAMES.map((_, index) => `open/link-${index}`)
/** The files by other names, without a link at the end. */
const spelled = () => [
  ...NAMES.map(path),
  ...NAMES.map((name) => `open/../${name}`),
  ...NAMES.map((name, index) => `open/folder-${index}/${basename(name)}`),
]

async function expectRefused(way: (file: string) => Call, names: readonly string[]): Promise<void> {
  const ends = await end(names.map(way))
  const open = names.filter((_, index) => !JSON.stringify(ends[index]).includes('"error_code":"outside_root"'))
  expect({ open, told: JSON.stringify(ends).includes(SEALED) }).toEqual({ open: [], told: false })
  expectUntouched()
}

describe('a call that a model chose does not reach a file of antiphon', () => {
  test.each(Object.entries(WAYS))('by %s', async (name, way) =>
    expectRefused(way, [...NAMES, ...spelled(), ...(OF_LINKS.includes(name) ? [] : LINKS)]),
  )
  test.each(Object.entries(CODE))('by %s', async (_, way) => expectRefused(way, [...NAMES, ...LINKS]))
  test.skipIf(gap !== undefined).each(Object.entries(SANDBOXED))(`by %s${why}`, async (_, way) =>
    expectRefused(way, [...NAMES, ...LINKS]),
  )

  test('by a search of the folder', async () => {
    const [found] = await end([filesystem('search', '.', { text: SEALED })])
    expect(found).toMatchObject({ status: 'completed', value: { result: { count: 0 } } })
  })

  test.skipIf(gap !== undefined)(`by terminal${why}`, async () => {
    const read = (file: string): Call => ({ tool: 'terminal', parameters: { command: `cat ${file}` } })
    expect(JSON.stringify(await end([...NAMES, ...LINKS].map(read)))).not.toContain(SEALED)
    const [all] = await end([{ tool: 'terminal', parameters: { command: `grep -rs ${SEALED} .; cat open/a.txt` } }])
    expect(all).toMatchObject({ status: 'completed', value: { result: { stdout: 'ebb' } } })
  })
})

test.each([WAYS['filesystem:read']!, WAYS['filesystem:copy from']!, CODE['javascript files']!])(
  'the same call reaches an open file',
  async (way) => {
    expect(await end([way('open/a.txt')])).toMatchObject([{ status: 'completed' }])
  },
)
