import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { openWorkshop, tool } from './workshop.ts'

/** What author text yields where steps `r` (a file), `g` (a text), `s` (skipped) and `t` (a command) ran before. */
const VECTORS: readonly (readonly [name: string, text: Json, expected: Json])[] = [
  ['A1', '{{ topic | slugify }}', 'deep-sea'],
  ['A2', '{{ n }}', 3],
  ['A3', 'n={{ n }}', 'n=3'],
  ['A4', ['{{ parameters.n }}', '{{ inputs.n }}'], [3, 3]],
  ['A5', ['{{ r.result.content }}', '{{ r.content }}', '{{ r }}'], ['hi\n', 'hi\n', 'hi\n']],
  ['A6', ['{{ r.size }}', '{{ r.result.size }}'], [3, 3]],
  ['A7', '{{ r.path == r.filepath and r.path == r.result.filepath }}', true],
  ['A14', '{% if s %}y{% else %}n{% endif %}', 'n'],
  ['A15', "{{ s | default('N/A') }}", 'N/A'],
  ['A16', ['{{ s.status }}', '{{ g.status }}', '{{ s.reason }}'], ['skipped', 'completed', 'condition_false']],
  ['A17', ['{{ t.result.stdout }}', '{{ t.stdout }}', '{{ t.return_code }}'], ['ok\n', 'ok\n', 0]],
  ['A18', ["{{ xs | join(', ') }}", '{{ xs | join }}'], ['a, b', 'a, b']],
  [
    'A19',
    ['{{ xs[-1] }}', '{{ topic[:4] }}', "{{ topic.split(' ')[0] }}", '{{ topic.lower() }}'],
    ['b', 'Deep', 'Deep', 'deep sea'],
  ],
  ['A20', "{{ 'no digits' | regex_search('[0-9]+') | default('25') }}", '25'],
  ['A21', "{{ 'not json' | from_json | default('no list') }}", 'no list'],
  ['A22', "{{ {'a': '<b>'} | tojson }}", '{"a": "<b>"}'],
  ['A23', "{{ '{{' }}", '{{'],
  ['A24', ['{{ braces }}', 'as {{ braces }}'], ['{{ n }}', 'as {{ n }}']],
  ['A29', ['{{ web-search.result }}', '{{ web-search.colour }}', '{{ n-1 }}'], ['found', 'blue', 2]],
  ['A30', ['$results.g', '$results.r.size', ' $results.web-search.colour '], ['high\n', 3, 'blue']],
  ['A31', '{{ 800 if n > 2 else 400 }}', 800],
  ['A32', '{%- if n > 2 -%}200{%- endif %}', '200'],
  ['A33', ['a {{ g }}\n', '{% if n %}\n{{ r }}{% endif %}\n', 'a\n'], ['a high\n\n', 'hi\n', 'a\n']],
  ['native list', '{{ data.result }}', { rows: [1, 2] }],
  ['native whole', '{{ data }}', { rows: [1, 2] }],
  [
    'field of a whole',
    ['{{ data.status }}', '{{ data.rows[1] }}', '{{ data.result.rows | length }}'],
    ['completed', 2, 2],
  ],
  ['text of data', 'x{{ data }}', 'x{"rows":[1,2]}'],
  ['called with', '{{ data.colour }}', 'red'],
  ['step maps', ['{{ steps.g.result }}', '{{ results.r.size }}'], ['high\n', 3]],
]

const CONDITIONS: readonly (readonly [name: string, condition: string, holds: boolean])[] = [
  ['A8', "{{ g == 'high' }}", true],
  ['A9', "{{ 'hig' in g }}", true],
  ['trimmed text in a list', "{{ g in ['high', 'low'] }}", true],
  ['text as a number', '{{ t.return_code == 0 and three > 2.5 }}', true],
  ['mixed, a text that would break a quote', "{{ quoted }} == 'it\\'s \"so\"'", true],
  ['mixed, inside quotes', "'{{ topic }}' == 'Deep Sea'", true],
  ['A10', "'a' in {{ parameters.xs }}", true],
  ['A11', "n > 2 and 'b' in xs", true],
  ['A12 false', 'false', false],
  ['A12 0', '0', false],
  ['A12 empty', '', false],
  ['A12 no', 'no', false],
  ['A12 None', 'None', false],
  ['A12 FALSE', '{{ "FALSE" }}', false],
  ['A12 yes', 'yes', true],
  ['A12 of a template', '{% if n > 5 %}true{% else %} no {% endif %}', false],
  ['none', '{{ none }}', false],
  ['zero', '{{ n - 3 }}', false],
  ['an empty list', '{{ [] }}', false],
  ['an empty map', '{{ {} }}', false],
  ['a list', '{{ xs }}', true],
  ['a text', '{{ topic }}', true],
  ['a field that is not there', '{{ r.nosuch }}', false],
  ['a field that is not there, and more', '{{ r.nosuch and r.nosuch.deeper > 1 }}', false],
  ['as JavaScript has it', 'n > 2 ? true : false', true],
  ['a chain', '1 < n <= 3', true],
  ['is none', 'none is none and n is not none', true],
  ['a function', 'len(xs) == 2 and max(xs) == "b"', true],
  ['skipped step', '{{ s }}', false],
  ['not failed', "{{ s.status != 'failed' }}", true],
]

const head = `
name: vectors
inputs:
  topic: { type: string, default: Deep Sea }
  n: { type: integer, default: 3 }
  xs: { type: array, default: [a, b] }
  braces: { type: string, default: "" }
  quoted: { type: string, default: "it's \\"so\\"" }
steps:
  - { id: r, tool: read, parameters: { path: f.txt } }
  - { id: g, action: generate_text, parameters: { prompt: "How high?" } }
  - { id: s, tool: say, condition: "false" }
  - { id: t, tool: sh }
  - { id: data, tool: data, parameters: { colour: red } }
  - { id: web-search, tool: find, parameters: { colour: blue } }
  - { id: three, tool: find, parameters: { what: " 3 " } }
`
const bench = () =>
  openWorkshop({
    tools: [
      tool('read', ({ path }) => ({ action: 'read', path: path!, content: 'hi\n', size: 3 })),
      tool('sh', () => ({ command: 'echo ok', return_code: 0, stdout: 'ok\n', stderr: '' })),
      tool('data', () => ({ rows: [1, 2] })),
      tool('find', ({ what }) => what ?? 'found'),
    ],
    generate: async () => ({ text: 'high\n', citations: [], usage: { input: 1, output: 1 }, model: 'test/model' }),
  })

describe('author text in a parameter', () => {
  test.each(VECTORS)('%s', async (_name, text, expected) => {
    const { run, calls } = bench()
    const step = JSON.stringify({ id: 'last', tool: 'say', parameters: { value: text } })
    const end = await run(`${head}  - ${step}`, { braces: '{{ n }}' })
    expect(end).toMatchObject({ status: 'completed' })
    expect(calls.at(-1)!.input).toEqual({ value: expected })
  })
})

describe('a condition', () => {
  test.each(CONDITIONS)('%s', async (_name, condition, holds) => {
    const { run } = bench()
    const step = JSON.stringify({ id: 'last', tool: 'say', condition })
    const { steps } = await run(`${head}  - ${step}`)
    expect(steps.last).toMatchObject({ status: holds ? 'completed' : 'skipped' })
  })
})

test('A25: the time of a run is the same in all its steps', async () => {
  const { run, calls } = bench()
  const step = (id: string) =>
    `  - { id: ${id}, tool: say, parameters: { at: "{{ execution.timestamp }}", day: "{{ execution.date }}" } }`
  await run(`name: x\nsteps:\n${step('a')}\n${step('b')}`)
  expect(calls[0]!.input).toEqual(calls[1]!.input)
  expect(calls[0]!.input).toMatchObject({ at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/) })
})

test('A12: what depends on a step that is skipped goes on', async () => {
  const { run } = bench()
  const { status, steps } = await run(`${head}  - { id: last, tool: say, dependencies: [s] }`)
  expect(status).toBe('completed')
  expect(steps.s).toMatchObject({ status: 'skipped' })
  expect(steps.last).toMatchObject({ status: 'completed' })
})

test('a condition that cannot be told fails its step, loudly', async () => {
  const { run } = bench()
  const { status, steps } = await run(`${head}  - { id: last, tool: say, condition: "{{ topic > 1 }}" }`)
  expect(status).toBe('failed')
  expect(steps.last).toMatchObject({ status: 'failed', problem: { code: 'template_failed' } })
})

test('A28: names with $ are names everywhere in an expression', async () => {
  const { run, calls } = bench()
  const values = [
    '{{ ($index + 1) * 2 }}',
    '{{ $item ~ item }}',
    '{% if $is_first %}first{% else %}{{ $position }}{% endif %}',
  ]
  const step = { id: 'each', for_each: '{{ xs }}', tool: 'say', parameters: { values } }
  await run(`${head}  - ${JSON.stringify(step)}`)
  expect(calls.map(({ input }) => input)).toEqual([{ values: [2, 'aa', 'first'] }, { values: [4, 'bb', '2'] }])
})

test('A31, A32: what has to be a number may be the text of one', async () => {
  const asked: unknown[] = []
  const { run } = openWorkshop({
    generate: async (request) => {
      asked.push(request.maxTokens)
      return { text: 'x', citations: [], usage: { input: 1, output: 1 }, model: 'test/model' }
    },
  })
  const step = (id: string, tokens: string) =>
    `  - { id: ${id}, action: generate_text, parameters: { prompt: x, max_tokens: ${JSON.stringify(tokens)} } }`
  const steps = [
    step('a', '{{ 800 if n > 2 else 400 }}'),
    step('b', '{%- if n > 2 -%}200{%- endif %}'),
    step('c', ' {{ n }}00\n'),
  ]
  await run(`name: x\ninputs: { n: 3 }\nsteps:\n${steps.join('\n')}`)
  expect(asked.sort()).toEqual([200, 300, 800])
})
