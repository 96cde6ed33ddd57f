import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../src/config/config.ts'
import type { RunDocument } from '../src/run/document.ts'
import { createRuntime } from '../src/runtime/open/create-runtime.ts'
import { until } from '../src/testing/index.ts'
import { runHere } from './cli/here.ts'
import { REAL } from './cli/programs.ts'
import { describeOnRestate, useRestate } from './engine/restate/server.ts'

const ROOT = join(import.meta.dirname, '..')

/** The fenced blocks of a document, by language. */
async function blocks(document: string, language: string): Promise<readonly string[]> {
  const written = await readFile(join(ROOT, document), 'utf8')
  return [...written.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, body]) => body!)
}

const OWN = /^(execution_id|pipeline_hash|idempotency_key|started_at|completed_at|duration)$/

/** A document without what is another for each run. */
const normalised = (document: RunDocument) =>
  JSON.parse(
    JSON.stringify({ ...document, id: '…' }, (name, value) => (OWN.test(name) && value !== null ? '…' : value)),
  )

type Settings = () => string

/** A folder with that antiphon.yaml. */
async function openFolder(settings: Settings): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-docs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'antiphon.yaml'), settings())
  return folder
}

/** A project with the checkout's documents. */
async function openProject(settings: Settings): Promise<string> {
  const folder = await openFolder(settings)
  for (const name of ['README.md', 'CONTRIBUTING.md', 'docs'])
    await cp(join(ROOT, name), join(folder, name), { recursive: true })
  return folder
}

async function run(folder: string, name: string, pipeline: string) {
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop())
  const file = join(folder, `${name}.yaml`)
  await writeFile(file, pipeline)
  expect((await runtime.pipelines.validate(file)).findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  const { id } = await runtime.runs.start({ file })
  await runtime.idle()
  return runtime.runs.get(id)
}

/** A command in that folder; where it failed, what it said. */
async function command(folder: string, ...args: readonly string[]) {
  const { code, out, err } = await runHere(REAL, args, { folder, environment: process.env })
  return { code, out, ...(code !== 0 && { err }) }
}

/** What the documents show, on the engine of that antiphon.yaml. */
function runExamples(settings: Settings): void {
  test("README's pipeline runs", async () => {
    const [pipeline] = await blocks('README.md', 'yaml')
    expect(await run(await openProject(settings), 'notes', pipeline!)).toMatchObject({
      status: 'completed',
      outputs: { summary: expect.stringContaining('- ') },
    })
  })

  test('the first pipeline of the guide runs', async () => {
    const [pipeline] = await blocks('docs/pipelines.md', 'yaml')
    const folder = await openProject(settings)
    expect(await run(folder, 'digest', pipeline!)).toMatchObject({
      status: 'completed',
      outputs: { file: expect.stringContaining('digest.md') },
    })
    expect(await readFile(join(folder, 'digest.md'), 'utf8')).toContain('- ')
  })

  test('a result of the guide is kept in a file', async () => {
    const pipeline = (await blocks('docs/pipelines.md', 'yaml')).find((block) => block.includes('location:'))
    const folder = await openProject(settings)
    expect(await run(folder, 'kept', pipeline!)).toMatchObject({ outputs: { file: 'notes/list.txt' } })
    expect(await readFile(join(folder, 'notes/list.txt'), 'utf8')).toContain('README.md')
  })

  test('the document of the reference is the one that is printed', async () => {
    const page = 'docs/pipeline-reference.md'
    const pipeline = (await blocks(page, 'yaml')).find((block) => block.startsWith('name: tides'))
    const [shown] = await blocks(page, 'json')
    const printed = await run(await openFolder(settings), 'tides', pipeline!)
    expect(normalised(printed)).toEqual(normalised(JSON.parse(shown!)))
  })

  test('the pipeline that waits for people does so, runs another one, and is answered', async () => {
    const all = await blocks('docs/pipelines.md', 'yaml')
    const folder = await openFolder(settings)
    const runtime = await createRuntime({ ...(await loadConfig({ folder, environment: {} })), embedder: 'none' })
    onTestFinished(() => runtime.stop())
    const file = join(folder, 'publish.yaml')
    await writeFile(file, all.find((block) => block.startsWith('name: publish'))!)
    const { id } = await runtime.runs.start({ file })
    const [item] = await until(async () => {
      const items = await runtime.inbox.list({ run: id })
      return items.length > 0 && items
    })
    expect(item).toMatchObject({ step: 'gate', title: 'Publish it?', content: 'Dear all in red' })
    await expect(runtime.runs.signal(id, 'gate', 'approve')).rejects.toMatchObject({ code: 'bad_value' })
    expect(await runtime.runs.signal(id, 'gate', { action: 'approve', reason: 'fine' })).toEqual({ status: 'taken' })
    await until(async () => (await runtime.runs.get(id)).status === 'completed')
    expect(await runtime.runs.get(id)).toMatchObject({ outputs: { approved: true, why: 'fine', read: 'Dear all' } })
  })

  test('the loops of the guide run', async () => {
    const pipeline = (await blocks('docs/pipelines.md', 'yaml')).find((block) => block.startsWith('name: loops'))
    expect(await run(await openProject(settings), 'loops', pipeline!)).toMatchObject({
      status: 'completed',
      outputs: { drafts: 'winds, draft 1 of no. 2, draft 2 of no. 2', sizes: 1, tries: 3, each: 'tides (1 of 2)' },
    })
  })

  test('the offline model answers the questions of the reference', async () => {
    const all = await blocks('docs/pipelines.md', 'yaml')
    const block = (name: string) => all.find((each) => each.startsWith(`name: ${name}`))!
    const auto = await run(await openFolder(settings), 'auto', block('auto'))
    expect(auto).toMatchObject({ status: 'completed', outputs: { size: 400 } })
    expect(auto.steps.short).toMatchObject({ status: 'completed' })
    expect(await run(await openFolder(settings), 'told', block('told'))).toMatchObject({
      status: 'completed',
      outputs: { berths: 30, ships: 3, improved: 'no', wet: 'no' },
    })
  })

  test('the first actor of the guide counts', async () => {
    const [program] = await blocks('docs/actors.md', 'ts')
    const folder = await openFolder(settings)
    const source = program!
      .replace(`folder: '.'`, `folder: ${JSON.stringify(folder)}`)
      .replace('console.log(', 'globalThis.counted = (')
    const file = join(ROOT, 'test', `.actor-${process.pid}-${++programs}.ts`)
    onTestFinished(() => rm(file, { force: true }))
    await writeFile(file, source)
    await import(file)
    expect((globalThis as { counted?: number }).counted).toBe(1)
  })

  // dear: each command is a process
  test("README's commands answer", async () => {
    const [pipeline] = await blocks('README.md', 'yaml')
    const folder = await openProject(settings)
    await writeFile(join(folder, 'notes.yaml'), pipeline!)
    const { out } = await command(folder, 'run', 'notes.yaml', '-i', 'file=docs/concepts.md', '--json')
    const { execution_id: id, status } = JSON.parse(out) as RunDocument
    expect(status).toBe('completed')
    expect(await command(folder, 'runs')).toEqual({ code: 0, out: expect.stringContaining(id) })
    expect(await command(folder, 'why', id)).toEqual({ code: 0, out: expect.stringContaining('ended at') })
    expect(await command(folder, 'ask', 'What is a turn?', '--file', 'docs/concepts.md')).toEqual({
      code: 0,
      out: expect.stringMatching(/A turn is .*\[1\][\s\S]*docs\/concepts\.md:\d+/),
    })
  })
}

let programs = 0

describe('on libsql', () => runExamples(() => ''))

describeOnRestate('on restate', () => {
  const server = useRestate()
  runExamples(() => `engine: { restate: { admin: '${server.now().admin}' } }\n`)
})
