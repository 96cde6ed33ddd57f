import { expect, it } from 'vitest'
import { openGoals } from '../agent/goal/folder.ts'

const LONG = '1098765432109876543'
const NEXT = '1098765432109876544'

async function outputsOf(outputs: { readonly [name: string]: string }, inputs = '') {
  const { runtime } = await openGoals([])
  const lines = Object.entries(outputs).map(([name, text]) => `  ${name}: ${JSON.stringify(text)}`)
  const text = [
    'name: long',
    ...(inputs ? [inputs] : []),
    'steps:',
    '  - { id: a, tool: debug, parameters: { message: x } }',
    'outputs:',
    ...lines,
  ].join('\n')
  const { id } = await runtime.runs.start({ source: { text } })
  await runtime.idle()
  return (await runtime.runs.get(id)).outputs
}

it('keeps and compares all digits of whole numbers in templates', async () => {
  expect(
    await outputsOf({
      literal: `{{ ${LONG} }}`,
      equal: `{{ ${LONG} == ${NEXT} }}`,
      same: `{{ ('[{"id": ${LONG}}]' | from_json)[0].id == ${LONG} }}`,
      less: `{{ ${LONG} < ${NEXT} }}`,
      kind: `{{ ${LONG} is integer }} {{ ${LONG} is number }} {{ 'a' is number }}`,
      grouped: `{{ '{:,}' | format(${LONG}) }}`,
      power: `{{ 1e20 == 100000000000000000000 }} {{ 1e20 + 1 }}`,
      longer: `{{ 9${LONG} > ${LONG} }}`,
      plus: `{{ ${LONG} + 1 }}`,
      sum: '{{ 9007199254740991 + 2 }}',
      times: '{{ 3000000000 * 3000000001 }}',
      whole: `{{ '${LONG}' | int }}`,
      small: '{{ 2 + 3 }}',
      fraction: '{{ 7 / 2 }}',
    }),
  ).toEqual({
    kind: 'true true false',
    grouped: '1,098,765,432,109,876,543',
    power: 'true 100000000000000000001',
    literal: LONG,
    equal: false,
    same: true,
    less: true,
    longer: true,
    plus: NEXT,
    sum: '9007199254740993',
    times: '9000000003000000000',
    whole: LONG,
    small: 5,
    fraction: 3.5,
  })
})

it('keeps the text of an input that is declared as a text', async () => {
  const inputs =
    'inputs: { v: { type: string, default: 3.10 }, zip: { type: string, choices: [01234, 0010], default: 01234 }, no: { type: string, default: NO }, e: { type: string, default: 1e5 }, n: 3.10 }'
  expect(await outputsOf({ all: '{{ v }} {{ zip }} {{ no }} {{ e }} {{ n }}' }, inputs)).toEqual({
    all: '3.10 01234 NO 1e5 3.1',
  })
})

it('tells two rows with long ids apart', async () => {
  const { runtime, write } = await openGoals([])
  write('people.json', `[{ "id": ${LONG}, "n": 1 }, { "id": ${NEXT}, "n": 1 }]`)
  write('people.csv', `id,n\n${LONG},1\n${NEXT},1\n`)
  const table = (id: string, action: string, more: string) =>
    `  - { id: ${id}, tool: data-processing, action: ${action}, parameters: { ${more} } }`
  const text = [
    ...['name: rows', 'steps:'],
    table('clean', 'clean', 'data: people.json'),
    table('one', 'filter', `data: people.csv, condition: "id == ${LONG}"`),
    table(
      'sum',
      'aggregate',
      'data: people.json, aggregations: { s: { column: id, function: sum }, m: { column: id, function: max } }',
    ),
    ...[
      'outputs:',
      '  removed: "{{ clean.duplicates_removed }}"',
      '  one: "{{ one.filtered_count }}"',
      '  sum: "{{ sum.processed_data.aggregations }}"',
    ],
  ].join('\n')
  const { id } = await runtime.runs.start({ source: { text } })
  await runtime.idle()
  const { outputs, error } = await runtime.runs.get(id)
  expect([error, outputs]).toEqual([null, { removed: 0, one: 1, sum: { s: '2197530864219753087', m: NEXT } }])
})

it('compares a number with the digits of a long one as both are written', async () => {
  const { runtime } = await openGoals([])
  const outputs = { same: '{{ n == 1098765432109876500 }}', more: '{{ n < 1098765432109876501 }}', plus: '{{ n + 1 }}' }
  const lines = Object.entries(outputs).map(([name, text]) => `  ${name}: "${text}"`)
  const text = [
    'name: n',
    'inputs: { n: 1 }',
    'steps: [{ id: a, tool: debug, parameters: { message: x } }]',
    'outputs:',
    ...lines,
  ]
  // a program gives it as a number
  const { id } = await runtime.runs.start({
    source: { text: text.join('\n').replace('n: 1', 'n: { type: any }') },
    inputs: { n: 1098765432109876500 },
  })
  await runtime.idle()
  expect((await runtime.runs.get(id)).outputs).toEqual({ same: true, more: true, plus: '1098765432109876501' })
})

it('keeps what is written where a tool or a child pipeline wants a text', async () => {
  const { runtime, write } = await openGoals([])
  write(
    'child.yaml',
    'name: child\ninputs: { zip: { type: string }, n: { type: integer } }\nsteps: [{ id: s, tool: debug, parameters: { message: "{{ zip }} {{ n }}" } }]\noutputs: { said: "{{ s.result }}" }',
  )
  const text = [
    ...[
      'name: parent',
      'inputs: { p: { type: path, default: 2024.10 }, a: { type: string, default: &v 1.20 }, b: { type: string, default: *v } }',
      'steps:',
    ],
    '  - { id: w, tool: filesystem, action: write, parameters: { path: v.txt, content: 3.10 } }',
    '  - { id: r, tool: filesystem, action: read, depends_on: [w], parameters: { path: v.txt } }',
    '  - { id: c, tool: pipeline-executor, parameters: { pipeline: child.yaml, inputs: { zip: 01234, n: 007 } } }',
    ...['outputs:', '  all: "{{ r.content }} {{ c.outputs.said }} {{ p }} {{ a }} {{ b }}"'],
  ].join('\n')
  const { id } = await runtime.runs.start({ source: { text } })
  await runtime.idle()
  const { outputs, error } = await runtime.runs.get(id)
  expect([error, outputs]).toEqual([null, { all: '3.10 01234 7 2024.10 1.20 1.20' }])
})
