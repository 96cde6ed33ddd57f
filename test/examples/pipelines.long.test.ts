import { chmod, cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { until } from '../../src/testing/index.ts'
import { chromiumGap, withGap } from '../tool/chromium/available.ts'

const ROOT = join(import.meta.dirname, '../..')
let folder: string
let runtime: Runtime

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-examples-'))
  // where root runs the tests, the user nobody of a sandbox reads it
  await chmod(folder, 0o755)
  await cp(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true })
  const config = await loadConfig({ folder, environment: { PATH: process.env.PATH } })
  runtime = await createRuntime({ ...config, embedder: 'none' })
})
afterAll(async () => {
  await runtime.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Runs it to its end and compares all that is told of it with the golden document; `answer` answers what it asks people. */
async function runExample(name: string, answer?: (id: string) => Promise<void>, golden = name): Promise<void> {
  const file = join(folder, 'examples', `${name}.yaml`)
  expect((await runtime.pipelines.validate(file)).findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  const { id } = await runtime.runs.start({ file })
  await answer?.(id)
  await runtime.idle()
  await expect(blank(await runtime.runs.get(id), id)).toMatchFileSnapshot(`golden/${golden}.json.golden`)
}

const UNLIKE =
  /^(started_at|completed_at|pipeline_hash|stored_at|timestamp|execution_time|response_time|duration|total_duration|file_size|sandbox)$/
// the steps of one turn have one message, and how many a turn does depends on how quick they are
const KEY = /[\w-]{22}\/execute(?::[\w-]+)?/g

/** The document as text, with times, ids, keys and the folder left out. */
function blank(document: unknown, id: string): string {
  const blanked = (name: string, value: unknown) => {
    // on a busy machine, a step waits for a place and has this field
    if (name === 'queued') return undefined
    return UNLIKE.test(name) && value !== null ? '…' : value
  }
  const told = JSON.stringify(document, blanked, 2)
  const same = told.replaceAll(folder, '.').replaceAll(id, 'RUN').replaceAll(KEY, 'KEY')
  return `${same}\n`
}

const written = (path: string) => readFile(join(folder, 'out', path), 'utf8')

const ALONE = [
  'report',
  'sales',
  'code',
  'word-count',
  'check-data',
  'command',
  'fallback',
  'triage',
  'improve',
  'newsletter',
  'extract',
]
test.each([...ALONE, 'queue', 'poll'])('%s', (name) => runExample(name))

test.skipIf(chromiumGap !== undefined)(withGap('charts'), async () => {
  await runExample('charts')
  expect(await written('charts/sales-by-region-1-bar.svg')).toContain('>region</text>')
  expect((await readFile(join(folder, 'out/charts/sales.pdf'), 'latin1')).slice(0, 5)).toBe('%PDF-')
})

const gap = await bubblewrap.check()
test.skipIf(gap !== undefined)(withGap('edit', gap?.reason), async () => {
  await runExample('edit')
  expect(await written('edit/harbour.md')).toContain('The harbour closes at ten on Friday')
})

test('mcp/tides asks a server that runs beside it', async () => {
  const own = join(folder, 'examples/mcp')
  await symlink(join(ROOT, 'node_modules'), join(own, 'node_modules'))
  const config = await loadConfig({ folder: own, environment: { PATH: process.env.PATH } })
  const other = await createRuntime({ ...config, embedder: 'none' }, { notice: () => {} })
  try {
    const { id } = await other.runs.start({ file: join(own, 'tides.yaml') })
    await other.idle()
    await expect(blank(await other.runs.get(id), id)).toMatchFileSnapshot('golden/tides.json.golden')
  } finally {
    await other.stop()
  }
})

test('approve waits for a person', async () => {
  await runExample('approve', async (id) => {
    await until(async () => (await runtime.inbox.list({ run: id })).length > 0)
    await runtime.runs.signal(id, 'gate', { action: 'modify', content: 'The harbour closes at ten.' })
    await until(async () => (await runtime.runs.get(id)).completed_at !== null)
  })
  expect(await written('published.txt')).toBe('The harbour closes at ten.')
})

test('visits remembers the run before', async () => {
  await runExample('visits')
  await runExample('visits', undefined, 'visits-again')
})

test('undo leaves nothing behind', async () => {
  await runExample('undo')
  expect((await readdir(join(folder, 'out'))).filter((name) => name.endsWith('.conf'))).toEqual([])
})

test('each example stands in the list, and its document is golden', async () => {
  const named = (names: readonly string[], ending: string) =>
    names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length))
  const examples = named(await readdir(join(ROOT, 'examples')), '.yaml')
  const list = await readFile(join(ROOT, 'examples/README.md'), 'utf8')
  expect(examples.filter((name) => !list.includes(`[${name}](${name}.yaml)`))).toEqual([])
  const golden = named(await readdir(join(import.meta.dirname, 'golden')), '.json.golden')
  expect(examples.filter((name) => name !== 'audit' && !golden.includes(name))).toEqual([])
})
