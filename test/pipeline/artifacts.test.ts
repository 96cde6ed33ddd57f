import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { writeTool } from '../../src/tool/builtin/filesystem/write.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { readRun } from './read-run.ts'
import { openWorkshop, tool } from './workshop.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-artifacts-'))
  await mkdir(join(folder, 'project'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const bench = () => {
  const root = join(folder, 'project')
  const table = { action: 'convert', data: 'a\r\n1\r\n', processed_data: [{ a: 1 }] }
  const tools = [
    writeTool,
    tool('table', () => table, 'pure'),
    tool('words', () => 'Zwölf\n', 'pure'),
    tool('rows', () => [{ a: 1 }], 'pure'),
  ]
  return openWorkshop({
    tools: [...tools, tool('draw', ({ output_path }) => ({ output_path: output_path!, pages: 2 }), 'pure')],
    services: { root, roots: [root] },
  })
}
const file = (path: string) => readFile(join(folder, 'project', path), 'utf8')

async function run(step: string, more = '') {
  const { run, engine, values, calls } = bench()
  const end = await run(
    `name: x\ninputs: { dir: out }\nsteps:\n  - id: a\n    ${step.replaceAll('\n', '\n    ')}\n${more}`,
  )
  return { end, calls, document: await readRun(engine.view, values, end.id) }
}

describe('the text form of a result is kept where its step says', () => {
  test('with its place for others to read, and in the document', async () => {
    const { document, calls } = await run(
      'tool: words\nproduces: markdown-file\nlocation: "{{ dir }}/deep/a.md"\noutput_description: "Twelve."\nsize_limit: 1KB',
      '  - { id: b, tool: say, parameters: { at: "{{ a.location }}", text: "{{ a }}" } }',
    )
    expect(await file('out/deep/a.md')).toBe('Zwölf\n')
    expect(calls.at(-1)!.input).toEqual({ at: 'out/deep/a.md', text: 'Zwölf\n' })
    const told = { kind: 'markdown', mime: 'text/markdown', type: 'markdown-file', description: 'Twelve.', size: 7 }
    expect(document.artifacts).toEqual([{ step: 'a', location: 'out/deep/a.md', ...told }])
  })

  test.each([
    ['data as JSON', 'tool: rows\nlocation: rows.json', 'rows.json', '[{"a":1}]'],
    ['processed data as it was asked for', 'tool: table\nlocation: rows.csv', 'rows.csv', 'a\r\n1\r\n'],
    ['of a type of its own', 'tool: words\nproduces: "a short report"\nlocation: note', 'note', 'Zwölf\n'],
    ['in each iteration', 'for_each: [1, 2]\ntool: words\nlocation: "n{{ item }}.txt"', 'n2.txt', 'Zwölf\n'],
  ])('%s', async (_name, step, path, text) => {
    await run(step)
    expect(await file(path)).toBe(text)
  })

  test('but not over what the tool itself wrote there', async () => {
    const { document } = await run(
      'tool: filesystem\naction: write\nparameters: { path: out/a.md, content: hello }\nlocation: "./{{ dir }}/a.md"',
    )
    expect(await file('out/a.md')).toBe('hello')
    expect(document.artifacts).toMatchObject([{ location: './out/a.md', size: 5 }])
  })

  test('a file that the tool made elsewhere is named', async () => {
    const { document } = await run('tool: draw\nparameters: { output_path: b.pdf }\nproduces: pdf\nlocation: a.pdf')
    expect(document.artifacts).toMatchObject([{ location: 'b.pdf', kind: 'pdf' }])
  })

  test('a step that is skipped keeps nothing', async () => {
    const { document } = await run('tool: words\nif: "false"\nlocation: a.md')
    expect(document.artifacts).toEqual([])
    expect(await readdir(join(folder, 'project'))).toEqual([])
  })
})

describe('a file that cannot be kept fails its step', () => {
  test.each([
    ['outside the roots', 'location: ../a.md', 'outside_root'],
    ['that is a folder', 'location: kept/', 'invalid_input'],
    ['not of text', 'location: a.png', 'bad_value'],
    ['too large', 'location: a.md\nsize_limit: 6', 'too_large'],
    ['nowhere', 'location: "{{ n }}"', 'bad_value'],
    ['not known', 'location: "{{ dir.nosuch }}"', 'unresolved_template'],
  ])('%s', async (_name, location, code) => {
    const { end } = await run(`tool: words\n${location}`.replace('{{ n }}', '{{ dir | length }}'))
    expect(end).toMatchObject({ status: 'failed', problem: { code, step: 'a' } })
  })
})

describe('the statements about a file must agree', () => {
  const toolbox = createToolbox([tool('say', () => null, 'pure')])
  test.each([
    ['output_spec_conflict', 'produces: pdf, location: a.md', /pdf.*markdown/],
    ['output_spec_conflict', 'produces: json-data, format: csv', /json.*csv/],
    ['bad_value', 'size_limit: large', /10MB/],
    ['bad_value', 'location: 5', /text/],
    ['bad_value', 'output_schema: 5', /map/],
  ])('%s: %s', (code, step, says) => {
    const { findings } = compileText(`name: x\nsteps: [{ id: a, tool: say, ${step} }]`, { file: 'p.yaml', toolbox })
    expect(findings).toEqual([expect.objectContaining({ code, severity: 'error', step: 'a' })])
    expect(findings[0]!.message).toMatch(says)
  })

  test.each([
    'format: json, produces: "<AUTO>a fitting type</AUTO>"',
    'produces: pdf, location: "{{ n }}.pdf"',
    'produces: a poem, location: a.md',
  ])('%s', (step) => {
    const text = `name: x\ninputs: { n: a }\nsteps: [{ id: a, tool: say, ${step} }]`
    expect(compileText(text, { file: 'p.yaml', toolbox }).findings).toEqual([])
  })

  test('a loop and a question have no file of their own', () => {
    const loop = '{ id: a, for_each: [1], location: x.md, steps: [{ id: b, tool: say }] }'
    const ask = '{ id: c, action: chain, parameters: { prompt: x }, location: x.md }'
    const { findings } = compileText(`name: x\nsteps: [${loop}, ${ask}]`, { file: 'p.yaml', toolbox })
    expect(findings.map(({ code, step }) => [code, step])).toEqual([
      ['not_supported', 'a'],
      ['not_supported', 'c'],
    ])
  })
})
