import { describe, expect, test } from 'vitest'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { openWorkshop, tool } from '../../workshop.ts'

const toolbox = createToolbox([tool('say', () => null, 'pure')])

describe('the forms of an output', () => {
  test.each([
    ['a template', 'outputs: { o: "{{ n }}" }', { o: 3 }],
    ['bare text', 'outputs: { o: done }', { o: 'done' }],
    ['no guessing', 'outputs: { o: "{{ n }}5" }', { o: '35' }],
    ['type and value', 'outputs: { o: { type: integer, value: "{{ n }}" } }', { o: 3 }],
    ['source', 'outputs: { o: { type: string, description: d, source: "{{ a.text }}" } }', { o: 'hi' }],
    ['a list of names and values', 'outputs: [{ name: o, value: "{{ n }}" }, { name: p, value: q }]', { o: 3, p: 'q' }],
    ['a list with words of its author', 'outputs: [{ name: o, value: "{{ n }}", unit: kg }]', { o: 3 }],
    ['a list of single keys', 'outputs: [o: "{{ n }}", p: q]', { o: 3, p: 'q' }],
    ['a structure', 'outputs: { o: { deep: ["{{ n }}"] } }', { o: { deep: [3] } }],
    [
      'of each other',
      'outputs: { o: "{{ outputs.p }}!", p: "{{ outputs.q }}", q: "{{ n }}" }',
      { o: '3!', p: 3, q: 3 },
    ],
    ['that cannot be told', 'outputs: { o: "{{ a.nosuch }}", p: 1 }', { o: null, p: 1 }],
    [
      'named like what all maps have',
      'outputs: { constructor: 1, __proto__: p }',
      JSON.parse('{"constructor":1,"__proto__":"p"}'),
    ],
    ['with a default', 'outputs: { o: "{{ a.nosuch | default(\'d\') }}" }', { o: 'd' }],
    ['of a step that was skipped', 'outputs: { o: "{{ s }}", p: "{{ s.x | default(1) }}" }', { o: '', p: 1 }],
  ])('%s', async (_name, outputs, expected) => {
    const { run } = openWorkshop()
    const steps = 'steps: [{ id: a, tool: say, parameters: { text: hi } }, { id: s, tool: say, if: "false" }]'
    expect(await run(`name: x\ninputs: { n: 3 }\n${steps}\n${outputs}`)).toMatchObject({
      status: 'completed',
      outputs: expected,
    })
  })
})

test.each([
  ['in a map', '{ o: { type: string, description: what it is } }', 'outputs.o'],
  ['of a schema', '{ o: { description: what it is, schema: { type: object } } }', 'outputs.o'],
  ['in a list', '[{ name: o, format: csv }]', 'outputs[0]'],
  ['that is a name', '[{ name: o }]', 'outputs[0]'],
])('a declaration without a value is null, with a warning: %s', async (_, outputs, path) => {
  const text = `name: x\nsteps: [{ id: a, tool: say }]\noutputs: ${outputs}`
  const { findings } = compileText(text, { file: 'p.yaml', toolbox })
  expect(findings).toMatchObject([{ code: 'output_unresolved', path, severity: 'warning', line: 3 }])
  expect(await openWorkshop().run(text)).toMatchObject({ outputs: { o: null } })
})

test.each(['{ o: { type: "{{ a }}" } }', '{ o: { name: x } }', '{ o: { type: point, x: 1 } }'])(
  'a map that is an output is not a declaration: %s',
  (outputs) => {
    const text = `name: x\nsteps: [{ id: a, tool: say }]\noutputs: ${outputs}`
    const { findings } = compileText(text, { file: 'p.yaml', toolbox })
    expect(findings).toEqual([])
  },
)

test('a key in a list of outputs that nobody knows is warned of', () => {
  const { findings } = compileText(
    'name: x\nsteps: [{ id: a, tool: say }]\noutputs: [{ name: o, value: 1, desc: x }]',
    { file: 'p.yaml', toolbox },
  )
  expect(findings).toMatchObject([{ code: 'unknown_key', path: 'outputs[0].desc', severity: 'warning' }])
})

test('an output that cannot be told is a warning of the run', async () => {
  const { run } = openWorkshop()
  const end = await run('name: x\nsteps: [{ id: a, tool: say }]\noutputs: { o: "{{ a.nosuch }}" }')
  const code = 'output_unresolved'
  expect(end.warnings).toEqual([expect.stringMatching(new RegExp(`^${code}: outputs.o: .*nosuch`))])
})

describe('an output read by a step', () => {
  test('makes it wait for what the output is made of', async () => {
    const { run, calls, compile } = openWorkshop()
    const text = `name: x
inputs: { topic: Deep Sea }
steps:
  - { id: b, tool: say, parameters: { file: "{{ outputs.file[:-3] }}", all: "{{ outputs.both }}" } }
  - { id: a, tool: say, parameters: { name: deep } }
outputs:
  file: "{{ topic | slugify }}.md"
  both: "{{ a.name }}/{{ outputs.file }}"
`
    expect(compile(text).steps.b!.edges.needs).toEqual(['a'])
    expect(await run(text)).toMatchObject({ outputs: { file: 'deep-sea.md', both: 'deep/deep-sea.md' } })
    expect(calls.at(-1)!.input).toEqual({ file: 'deep-sea', all: 'deep/deep-sea.md' })
  })

  test('is that of the whole run also in the body of a loop', async () => {
    const { run, calls } = openWorkshop()
    await run(`name: x
steps:
  - { id: a, tool: say, parameters: { name: outer } }
  - id: each
    for_each: [1]
    steps:
      - { id: b, tool: say, parameters: { name: inner } }
      - { id: c, tool: say, parameters: { n: "{{ b.name }} {{ outputs.o }}" } }
outputs: { o: "{{ a.name }}" }
`)
    expect(calls.at(-1)!.input).toEqual({ n: 'inner outer' })
  })

  test.each([
    [
      'output_cycle',
      'steps: [{ id: a, tool: say }]\noutputs: { o: "{{ outputs.p }}", p: "{{ outputs.o }}" }',
      /o → p → o/,
    ],
    ['output_cycle', 'steps: [{ id: a, tool: say }]\noutputs: { o: "{{ outputs.o }}" }', /o → o/],
    [
      'dependency_self',
      'steps: [{ id: a, tool: say, parameters: { t: "{{ outputs.o }}" } }]\noutputs: { o: "{{ a }}" }',
      /own result/,
    ],
    [
      'dependency_cycle',
      'steps: [{ id: a, tool: say, parameters: { t: "{{ outputs.o }}" } }, { id: b, tool: say, depends_on: [a] }]\noutputs: { o: "{{ b }}" }',
      /a → b → a/,
    ],
    [
      'undefined_variable',
      'steps: [{ id: a, tool: say, parameters: { t: "{{ outputs.fiel }}" } }]\noutputs: { file: x }',
      /`file`/,
    ],
  ])('%s', (code, text, says) => {
    const { findings } = compileText(`name: x\n${text}`, { file: 'p.yaml', toolbox })
    const found = findings.filter(({ severity }) => severity === 'error')
    expect(found.map((finding) => finding.code)).toEqual([code])
    expect(`${found[0]!.message} ${found[0]!.hint}`).toMatch(says)
  })
})
