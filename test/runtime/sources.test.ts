import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cursorOfPipeline } from '../../src/index.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Runtime } from '../../src/runtime/ports.ts'
import { until } from '../../src/testing/index.ts'
import { openFolder } from './inspect/folder.ts'

const ECHO = (said: string) =>
  `name: sent\nsteps: [{ id: a, tool: debug, parameters: { message: ${said} } }]\noutputs: { a: "{{ a.result }}" }\n`
const WAIT = `name: waits
steps:
  - { id: ask, tool: wait-for-signal, parameters: { prompt: Well? } }
  - { id: last, tool: debug, depends_on: [ask], parameters: { message: LAST } }
`

async function finish(runtime: Runtime, started: { readonly id: string } | Promise<{ readonly id: string }>) {
  const { id } = await started
  await runtime.idle()
  return runtime.runs.get(id)
}

it('a text is judged by its name, with lines and columns, also in what comes along with it', async () => {
  const runtime = await openFolder().open()
  const text = 'name: sent\nsteps:\n  - { id: a, tol: terminal }\n'
  const verdict = await runtime.pipelines.validate({ source: { text, name: 'sent.yaml' } })
  expect(verdict).toMatchObject({ file: 'sent.yaml', valid: false })
  expect(verdict.findings[0]).toMatchObject({ file: 'sent.yaml', line: 3 })
  await expect(runtime.runs.start({ source: { text, name: 'sent.yaml' } })).rejects.toMatchObject({
    place: { file: 'sent.yaml', line: 3 },
  })
  const including = {
    text: 'name: sent\nsteps:\n  - { id: a, tool: filesystem, action: exists, parameters: { path: "{{ file:parts/one.txt }}" } }\n',
    files: { 'parts/one.txt': 'x\n  {{ nobody }}' },
  }
  const [finding] = (await runtime.pipelines.validate({ source: including })).findings
  expect(finding).toMatchObject({ file: 'parts/one.txt', line: 2 })
})

it('a text includes what comes along with it, beside what names it, and runs it below itself', async () => {
  const runtime = await openFolder().open()
  const text = `name: sent
steps:
  - { id: say, tool: pipeline-executor, parameters: { pipeline: below, inputs: { what: "{{ file:parts/one.txt }}" } } }
outputs: { said: "{{ say.outputs.said }}" }
`
  const below = `name: below
inputs: { what: { type: string, required: true } }
steps: [{ id: deep, tool: pipeline-executor, parameters: { pipeline: pipelines/deep.yaml, inputs: { what: "{{ what }}" } } }]
outputs: { said: "{{ deep.outputs.said }}" }
`
  const deep = `name: deep
inputs: { what: { type: string, required: true } }
steps: [{ id: a, tool: debug, parameters: { message: x } }]
outputs: { said: "{{ what }}!" }
`
  const files = {
    './parts/one.txt': 'one, << two.txt >>',
    'parts/two.txt': 'two',
    'pipelines/below.yaml': below,
    'pipelines/deep.yaml': deep,
  }
  const document = await finish(runtime, runtime.runs.start({ source: { text, files }, trusted: false }))
  expect(document).toMatchObject({ status: 'completed', outputs: { said: 'one, two!' } })
})

const SAYS = (what: string) => `name: says
steps: [{ id: a, tool: debug, parameters: { message: "${what}" } }]
outputs: { said: "{{ a.result }}" }
`
/** Runs one that lies in a folder, and one that stands in its step. */
const BOTH = `name: both
steps:
  - { id: there, tool: pipeline-executor, parameters: { pipeline: below/child.yaml } }
  - id: here
    tool: pipeline-executor
    parameters:
      pipeline: |
        ${SAYS('{{ file:one.md }}').trim().replaceAll('\n', '\n        ')}
outputs: { there: "{{ there.outputs.said }}", here: "{{ here.outputs.said }}" }
`
const PARTS = {
  'below/child.yaml': SAYS('{{ file:one.md }} {{ file:two.md }}'),
  'below/one.md': 'one below',
  'one.md': 'one',
  'two.md': '{{ 1 + 1 }}',
}
const SAID = { status: 'completed', outputs: { there: 'one below 2', here: 'one' } }

it('a child run includes its own files, beside itself first: as files', async () => {
  const { folder, path, write, open } = openFolder()
  mkdirSync(`${folder}/below`)
  for (const [name, text] of Object.entries({ ...PARTS, 'both.yaml': BOTH })) write(name, text)
  const runtime = await open()
  expect((await runtime.pipelines.validate({ file: path('both.yaml') })).findings).toEqual([])
  expect(await finish(runtime, runtime.runs.start({ file: path('both.yaml') }))).toMatchObject(SAID)
  write('below/one.md', '{{ nobody }}')
  const { findings } = await runtime.pipelines.validate({ file: path('both.yaml') })
  expect(findings).toMatchObject([{ code: 'would_fail', step: 'there', message: expect.stringContaining('`nobody`') }])
})

it('a child run includes its own files, beside itself first: as they came along, or were uploaded', async () => {
  const runtime = await openFolder().open()
  const source = { text: BOTH, files: PARTS }
  expect((await runtime.pipelines.validate({ source })).findings).toEqual([])
  expect(await finish(runtime, runtime.runs.start({ source, trusted: false }))).toMatchObject(SAID)
  await runtime.pipelines.put('says', { text: SAYS('{{ file:one.md }}'), files: { 'one.md': 'uploaded' } })
  const text = BOTH.replace('below/child.yaml', 'says')
  const document = await finish(runtime, runtime.runs.start({ source: { text, files: { 'one.md': 'one' } } }))
  expect(document.outputs).toEqual({ there: 'uploaded', here: 'one' })
})

it('exactly one pipeline is asked for', async () => {
  const { path, open } = openFolder()
  const runtime = await open()
  for (const request of [
    {},
    { file: path('p.yaml'), source: { text: WAIT } },
    { pipeline: 'p', source: { text: WAIT } },
  ])
    await expect(runtime.runs.start(request)).rejects.toMatchObject({
      name: 'InvalidError',
      message: 'Expected exactly one of file, source and pipeline.',
    })
})

it('a run of a text is planned, forked onto another text, and taken up after a restart', async () => {
  const { open } = openFolder()
  const first = await open()
  const source = { text: ECHO('one'), name: 'sent.yaml' }
  expect((await first.pipelines.plan({ source })).levels).toHaveLength(1)
  const { execution_id: id, outputs } = await finish(first, first.runs.start({ source }))
  const other = await finish(first, first.runs.fork(id, { source: { text: ECHO('two') } }))
  expect(other.outputs).not.toEqual(outputs)
  expect((await finish(first, first.runs.fork(id))).outputs).toEqual(outputs)
  const waiting = await first.runs.start({ source: { text: WAIT } })
  await until(async () => (await first.inbox.list()).length === 1)
  expect(await first.pipelines.changes(waiting.id)).toEqual({ file: 'pipeline.yaml', steps: [] })
  await first.stop({ grace: 0 })
  const second = await open()
  await second.runs.signal(waiting.id, 'ask', 'yes')
  await second.runs.resume(waiting.id)
  expect(await finish(second, waiting)).toMatchObject({ status: 'completed' })
})

it('a pipeline is uploaded in versions and run by its name, and changes since then are reported', async () => {
  const { open } = openFolder()
  const first = await open()
  const put = (text: string) => first.pipelines.put('waits', { text }, { owner: 'ann' })
  const one = await put(WAIT)
  expect(one).toMatchObject({ valid: true, file: 'waits', kept: { isNew: true } })
  expect((await put(WAIT)).kept).toEqual({ ...one.kept, isNew: false })
  const { id } = await first.runs.start({ pipeline: 'waits', owner: 'ann', trusted: false })
  await until(async () => (await first.inbox.list()).length === 1)
  expect(await first.pipelines.changes(id)).toEqual({ file: 'waits', steps: [] })
  const two = await put(WAIT.replace('LAST', 'OTHER'))
  expect(await first.pipelines.changes(id)).toEqual({ file: 'waits', steps: ['last'] })
  await first.stop({ grace: 0 })

  const second = await open()
  const document = await second.pipelines.get('waits', { owner: 'ann' })
  expect(document).toMatchObject({ name: 'waits', owner: 'ann', hash: two.kept!.hash })
  expect(document.text).toContain('OTHER')
  expect(document.versions.map(({ hash }) => hash)).toEqual([one.kept!.hash, two.kept!.hash])
  expect((await second.pipelines.get('waits', { owner: 'ann', version: one.kept!.hash })).text).toBe(WAIT)
  await expect(second.pipelines.get('waits', { owner: 'ann', version: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  })
  await second.pipelines.remove('waits', { owner: 'ann' })
  expect(await second.pipelines.changes(id)).toEqual({ steps: [] })
  await expect(second.runs.start({ pipeline: 'waits', owner: 'ann' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(second.pipelines.remove('waits', { owner: 'ann' })).rejects.toMatchObject({ code: 'not_found' })
  await second.runs.signal(id, 'ask', 'yes')
  await second.runs.resume(id)
  expect(await finish(second, { id })).toMatchObject({ status: 'completed' })
})

it('an upload belongs to its owner, is listed page by page, and runs as a child of their runs', async () => {
  const { write, open } = openFolder()
  write('child.yaml', ECHO('file'))
  const runtime = await open()
  const parent = `name: parent\nsteps: [{ id: sub, tool: pipeline-executor, parameters: { pipeline: child } }]\noutputs: { a: "{{ sub.outputs.a }}" }\n`
  for (const name of ['b', 'a', 'c', 'child'])
    await runtime.pipelines.put(name, { text: ECHO('uploaded') }, { owner: 'ann' })
  await runtime.pipelines.put('a', { text: ECHO('uploaded') })
  const names = async (query: object) =>
    (await runtime.pipelines.list(query)).map(({ owner, name }) => `${owner}/${name}`)
  expect(await names({ owner: 'ann' })).toEqual(['ann/a', 'ann/b', 'ann/c', 'ann/child'])
  expect(await names({ owner: 'local' })).toEqual(['local/a'])
  const page = await runtime.pipelines.list({ limit: 2 })
  expect(await names({ after: cursorOfPipeline(page[1]!), limit: 2 })).toEqual(['ann/c', 'ann/child'])
  await expect(runtime.pipelines.get('b')).rejects.toMatchObject({ code: 'not_found' })
  await expect(runtime.runs.start({ pipeline: 'b', owner: 'bob' })).rejects.toMatchObject({ code: 'not_found' })
  const ofAnn = await finish(runtime, runtime.runs.start({ source: { text: parent }, owner: 'ann', trusted: false }))
  expect(ofAnn).toMatchObject({ status: 'completed' })
  const ofBob = await finish(runtime, runtime.runs.start({ source: { text: parent }, owner: 'bob', trusted: false }))
  expect(ofBob).toMatchObject({ status: 'failed' })
  const { outputs } = await finish(runtime, runtime.runs.start({ source: { text: parent } }))
  expect(outputs).not.toEqual(ofAnn.outputs)
})

it('a pipeline that does not compile, or has no name, is not stored', async () => {
  const runtime = await openFolder().open()
  const verdict = await runtime.pipelines.put('wrong', { text: 'steps: [{ id: a, tool: nobody }]' })
  expect(verdict).toMatchObject({ valid: false, file: 'wrong' })
  expect(verdict).not.toHaveProperty('kept')
  expect(await runtime.pipelines.list()).toEqual([])
  for (const name of ['', '../a', 'a/b', 'x'.repeat(101)])
    await expect(runtime.pipelines.put(name, { text: WAIT })).rejects.toMatchObject({ name: 'InvalidError' })
})

it('a text that is kept is not swept', async () => {
  const { open } = openFolder()
  const runtime = await open()
  await runtime.pipelines.put('waits', { text: WAIT })
  const { id } = await runtime.runs.start({ source: { text: WAIT, name: 'sent' } })
  await until(async () => (await runtime.inbox.list()).length === 1)
  const { hash } = await runtime.pipelines.get('waits')
  const part: Json[] = []
  for await (const [, start] of runtime.engine.view.parts({ kind: 'run', key: id }, { prefix: 'start' }))
    part.push(start)
  const names = JSON.stringify([part, await runtime.engine.view.peek({ kind: 'pipeline', key: 'local/waits' })])
  expect(names).toContain(hash)
  expect(part).toMatchObject([{ written: expect.stringMatching(/^[0-9a-f]{64}$/) }])
})
