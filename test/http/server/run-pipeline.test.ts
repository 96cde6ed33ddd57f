import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { runPipeline } from '../../../src/http/server/run-pipeline.ts'
import { createRuntime, type Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { until } from '../../../src/testing/index.ts'

async function openFolder(pipeline: string): Promise<{ file: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-run-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'pipeline.yaml')
  await writeFile(file, pipeline)
  await writeFile(join(folder, 'antiphon.yaml'), 'embedder: none\n')
  return { file, folder }
}

async function openRuntime(folder: string): Promise<Runtime> {
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }))
  onTestFinished(() => runtime.stop())
  return runtime
}

const WRITES = `name: writes
inputs: { word: { type: string, default: hello } }
steps:
  - { id: line, tool: filesystem, action: append, parameters: { path: lines.txt, content: "{{ word }}\\n" } }
  - { id: read, tool: filesystem, action: read, parameters: { path: "{{ line.path }}" } }
outputs: { text: "{{ read.content }}" }
`

test('a pipeline runs to its end in a runtime of its own, which is closed again', async () => {
  const { file, folder } = await openFolder(WRITES)
  const types: string[] = []
  const onEvent = ({ body }: { readonly body: unknown }) => types.push((body as { readonly type: string }).type)
  const first = await runPipeline(file, { folder, inputs: { word: 'tides' }, onEvent })
  expect(first).toMatchObject({ status: 'completed', outputs: { text: 'tides\n' } })
  expect([types[0], types.at(-1)]).toEqual(['run-start', 'run-end'])
  expect(await runPipeline(file, { folder })).toMatchObject({ outputs: { text: 'tides\nhello\n' } })
})

test('a run that fails is returned, not thrown', async () => {
  const { file, folder } = await openFolder(`name: fails
steps: [{ id: gone, tool: filesystem, action: read, parameters: { path: gone.txt } }]
`)
  expect(await runPipeline(file, { folder })).toMatchObject({
    status: 'failed',
    error: 'File not found: gone.txt',
    error_type: 'ToolError',
  })
})

test('a wrong file and a wrong input are thrown, and nothing is started', async () => {
  const { file, folder } = await openFolder(WRITES)
  await expect(runPipeline(`${file}.no`, { folder })).rejects.toMatchObject({ name: 'InvalidError' })
  await expect(runPipeline(file, { folder, inputs: { wrod: 'x' } })).rejects.toMatchObject({ name: 'InvalidError' })
  const runtime = await openRuntime(folder)
  expect(await runtime.runs.list()).toEqual([])
})

test('the same id is one run: the second request gets its result, and nothing is done again', async () => {
  const { file, folder } = await openFolder(WRITES)
  const first = await runPipeline(file, { folder, id: 'monday' })
  expect(await runPipeline(file, { folder, id: 'monday' })).toEqual(first)
  expect(await readFile(join(folder, 'lines.txt'), 'utf8')).toBe('hello\n')
})

const WAITS = `name: waits
steps:
  - { id: line, tool: filesystem, action: append, parameters: { path: lines.txt, content: "x" } }
  - { id: ask, tool: approval-gate, action: request, parameters: { title: Go on? }, depends_on: [line] }
outputs: { approved: "{{ ask.approved }}" }
`

test('a caller that stops waiting leaves the run unfinished, and another process continues it under its id', async () => {
  const { file, folder } = await openFolder(WAITS)
  const leaving = new AbortController()
  const onEvent = ({ body }: { readonly body: unknown }) => {
    if ((body as { readonly type: string }).type === 'signal-wait') leaving.abort(new Error('enough'))
  }
  await expect(runPipeline(file, { folder, id: 'monday', onEvent, signal: leaving.signal })).rejects.toThrow('enough')
  await expect(runPipeline(file, { folder, signal: leaving.signal })).rejects.toThrow('enough')
  const runtime = await openRuntime(folder)
  const done = runPipeline(file, { runtime, id: 'monday' })
  await runtime.runs.signal('monday', 'ask', { action: 'approve' })
  expect(await done).toMatchObject({ status: 'completed', outputs: { approved: true } })
  expect(await readFile(join(folder, 'lines.txt'), 'utf8')).toBe('x')
})

test('a waiter of a run gets an error when its runtime stops, and so does a later reader', async () => {
  const { file, folder } = await openFolder(`name: waits
steps: [{ id: gate, tool: approval-gate, parameters: { title: Go on? } }]
`)
  const runtime = await openRuntime(folder)
  const waits = Promise.withResolvers<void>()
  const onEvent = ({ body }: { readonly body: unknown }) =>
    (body as { readonly type: string }).type === 'signal-wait' && waits.resolve()
  const run = runPipeline(file, { runtime, id: 'waits', onEvent })
  const told = expect(run).rejects.toMatchObject({ name: 'CancelledError', code: 'stopped' })
  await waits.promise
  await runtime.stop()
  await told
  await expect(runtime.runs.list()).rejects.toMatchObject({ name: 'CancelledError', code: 'stopped' })
  const again = await openRuntime(folder)
  expect(await again.runs.get('waits')).toMatchObject({ status: 'waiting' })
})

test('a data folder that another runtime has is refused by name', async () => {
  const { file, folder } = await openFolder(WRITES)
  const runtime = await openRuntime(folder)
  await expect(runPipeline(file, { folder })).rejects.toMatchObject({ code: 'owned' })
  expect(await runPipeline(file, { runtime })).toMatchObject({ status: 'completed' })
})

test('a run is there as soon as its start was acknowledged', async () => {
  const { file, folder } = await openFolder(WAITS)
  const runtime = await openRuntime(folder)
  const [read, signalled] = await Promise.all([runtime.runs.start({ file }), runtime.runs.start({ file })])
  const [document] = await Promise.all([
    runtime.runs.get(read.id),
    runtime.runs.signal(signalled.id, 'ask', { action: 'approve' }),
  ])
  expect(document).toMatchObject({ execution_id: read.id, status: 'running' })
  await until(async () => (await runtime.runs.get(read.id)).steps.ask?.status === 'waiting')
  await expect(runtime.runs.get('run_none')).rejects.toMatchObject({ code: 'not_found' })
})
