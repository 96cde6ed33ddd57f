import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { RetryableError } from '../../../../src/errors.ts'
import type { ModelReply, ModelRequest } from '../../../../src/model/request/request.ts'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { openWorkshop, tool } from '../../workshop.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const PNG = Buffer.from('\x89PNG\r\n\x1a\n one', 'latin1')
const put = (name: string, bytes: Buffer | string) => writeFileSync(join(folder, name), bytes)
put('a.png', PNG)
put('b.md', '# Tides')

type Answer = (request: ModelRequest, asked: number) => Partial<ModelReply>

function open(answer: Answer = () => ({})) {
  const requests: ModelRequest[] = []
  const bench = openWorkshop({
    tools: [tool('list', () => ({ items: [{ name: 'a.png', path: 'a.png', type: 'file' }] }))],
    services: { root: folder, roots: [folder] },
    async generate(request) {
      requests.push(request)
      const reply = { text: 'a dot', citations: [], usage: { input: 1, output: 1 }, model: 'test/model' }
      return { ...reply, ...answer(request, requests.length) }
    },
  })
  const ask = (parameters: string, more = '') =>
    bench.run(`name: x
steps:
  - { id: l, tool: list }
  - { id: g, action: generate_text, parameters: ${parameters}${more} }
outputs: { o: "{{ g }}" }`)
  return { ...bench, ask, requests }
}

const refOf = (name: string, type: string, bytes: Buffer) => ({
  file: `file_${hash('sha256', bytes)}`,
  type,
  name,
  bytes: bytes.length,
})
const image = refOf('a.png', 'image/png', PNG)
/** Every model reads texts, so they are documents. */
const text = { name: 'b.md', text: '# Tides' }

describe('files of a step', () => {
  test.each([
    ['a.png', [image], []],
    ['[a.png, b.md]', [image], [text]],
    ['"{{ l.items }}"', [image], []],
    [`"{{ ['b.md'] | tojson }}"`, undefined, [text]],
    ['["{{ l.items[0].path }}"]', [image], []],
  ])('go along with what its model is asked: %s', async (given, files, documents) => {
    const { ask, requests } = open()
    expect((await ask(`{ prompt: What is it?, files: ${given} }`)).outputs).toEqual({ o: 'a dot' })
    expect(requests.map((request) => [request.files, request.documents])).toEqual([[files, documents]])
  })

  test('are none where a template says none', async () => {
    const { ask, requests } = open()
    await ask(`{ prompt: What is it?, files: "{{ l.nothing | default('') }}" }`)
    expect(requests[0]).not.toHaveProperty('files')
  })

  test.each([
    ['c.png', 'not_found', 'File not found: c.png'],
    ['../a.png', 'outside_root', 'lies outside the folders that tools may touch'],
    ['"{{ l.items[0] | length }}"', 'bad_value', 'parameters.files: expected the path of a file, got 3'],
    ['fake.png', 'bad_value', 'fake.png does not have the content of image/png, which its name says.'],
    ['big.txt', 'too_large', 'File is larger than 16 MiB'],
    ['[fill.txt, fill.txt]', 'too_large', 'The files are too large for one model call: at most 15 MB.'],
  ])('that cannot go along fail it: %s', async (files, code, message) => {
    put('fake.png', 'no picture')
    if (files === 'big.txt') put('big.txt', Buffer.alloc(17 * 1024 * 1024, 'a'))
    if (files.startsWith('[fill')) put('fill.txt', Buffer.alloc(9 * 1024 * 1024, 'a'))
    const { ask, requests } = open()
    const { steps } = await ask(`{ prompt: What is it?, files: ${files} }`)
    expect(steps.g).toMatchObject({ status: 'failed', problem: { code, message: expect.stringContaining(message) } })
    expect(requests).toEqual([])
  })

  test('are the same at each attempt, whatever became of them', async () => {
    put('now.png', PNG)
    const { ask, requests } = open((_, asked) => {
      put('now.png', Buffer.concat([PNG, Buffer.from(String(asked))]))
      if (asked < 3) throw new RetryableError('busy', { delay: 0 })
      return {}
    })
    const { steps } = await ask('{ prompt: What is it?, files: now.png }', ', on_failure: retry, max_retries: 3')
    expect(steps.g).toMatchObject({ status: 'completed', attempts: 3 })
    expect(requests.map(({ files }) => files)).toEqual(Array(3).fill([refOf('now.png', 'image/png', PNG)]))
    expect(readFileSync(join(folder, 'now.png'))).not.toEqual(PNG)
  })

  test('of a step that is skipped are not read', async () => {
    const { steps } = await open().ask('{ prompt: x, files: nowhere.png }', ', condition: "{{ false }}"')
    expect(steps.g).toMatchObject({ status: 'skipped' })
  })

  test('lie beside what is kept of a run: only what stands for them is a part of it', async () => {
    const { ask, engine, pins } = open()
    const { id } = await ask('{ prompt: What is it?, files: a.png }')
    const told: unknown[] = [await engine.view.peek({ kind: 'run', key: id })]
    for await (const part of engine.view.parts({ kind: 'run', key: id })) told.push(part)
    for await (const { body } of engine.view.events({ kind: 'run', key: id })) {
      told.push(body)
      if ((body as { type: string }).type === 'run-end') break
    }
    expect(JSON.stringify(told)).not.toContain(PNG.toString('base64').slice(0, 12))
    expect(JSON.stringify(told)).toMatch(/"modelFilesDigest":"[0-9a-f]{64}"/)
    expect([...pins.all.values()]).toContainEqual(PNG)
  })

  test('of each iteration are its own', async () => {
    const { run, requests } = open()
    await run(`name: x
steps:
  - id: all
    for_each: [a.png, b.md]
    steps: [{ id: look, action: analyze_text, parameters: { analysis_type: layout, files: "{{ item }}" } }]`)
    const namesOf = ({ files = [], documents }: ModelRequest) => [...files, ...documents].map(({ name }) => name)
    expect(requests.map((request) => [...namesOf(request), request.instruction]).sort()).toEqual([
      ['a.png', 'Analyse the files: layout.'],
      ['b.md', 'Analyse the files: layout.'],
    ])
  })
})

test.each([
  ['generate_text', '{ prompt: x, files: 3 }', 'would_fail', 'parameters.files'],
  ['generate_text', '{ prompt: x, files: [a.png, {}] }', 'would_fail', 'parameters.files[1]'],
  ['generate_text', '{ prompt: x, images: [a.png] }', 'not_supported', 'parameters.images'],
  ['extract_structured', '{ schema: { type: object } }', 'missing_parameter', 'parameters'],
])('an impossible file is reported at compile time: %s %s', (action, parameters, code, path) => {
  const source = `name: x\nsteps: [{ id: a, action: ${action}, parameters: ${parameters} }]`
  const { findings } = compileText(source, { file: 'p.yaml', toolbox: createToolbox([]) })
  expect(findings).toContainEqual(expect.objectContaining({ code, path: expect.stringContaining(path) }))
})

test.each([
  ['extract_structured', '{ schema: { type: object }, files: a.pdf }'],
  ['analyze_text', '{ files: "{{ inputs.photo }}" }'],
])('files are enough to go on: %s', (action, parameters) => {
  const source = `name: x\ninputs: { photo: a.png }\nsteps: [{ id: a, action: ${action}, parameters: ${parameters} }]`
  const { findings } = compileText(source, { file: 'p.yaml', toolbox: createToolbox([]) })
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
})
