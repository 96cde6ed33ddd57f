import { expect, test } from 'vitest'
import { z } from 'zod'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

const book = defineTool({
  name: 'book',
  description: 'Books a room.',
  effect: 'pure',
  input: z.object({}),
  output: z.object({
    json: z.object({ bookingId: z.string(), room: z.object({ floor: z.number() }).optional() }),
    more: z.object({ id: z.string() }).catchall(z.string()),
    either: z.union([z.string(), z.object({ a: z.string() })]),
    any: z.record(z.string(), z.string()),
  }),
  execute: () => ({ json: { bookingId: 'b' }, more: { id: 'i' }, either: '', any: {} }),
})
const toolbox = createToolbox([...builtinTools, book as never])

/** The warnings of a pipeline with a step `review` that may be skipped. */
function warningsOf(steps: string, outputs = '') {
  const review = '  - { id: review, action: debug, condition: "{{ check }}", parameters: { message: approved } }\n'
  const text = `name: x\ninputs: { check: false, other: true }\nsteps:\n${review}${steps}${outputs}`
  const { findings } = compileText(text, { file: 'p.yaml', toolbox })
  return findings.flatMap(({ severity, code, message }) => (severity === 'info' ? [] : [`${code}: ${message}`]))
}

const SKIPPED = 'may_be_skipped: step `review` may be skipped, and then has no field `result`'
const shows = (text: string, more = '') =>
  `  - { id: publish, action: debug, ${more}parameters: { message: ${JSON.stringify(text)} } }\n`
const when = (condition: string, text = 'published') => shows(text, `condition: ${JSON.stringify(condition)}, `)

test.each([
  when("{{ review.result == 'approved' }}"),
  when("review.result == 'approved'"),
  when("'a' in review.result"),
  when("review.status != 'failed' and review.result == 'approved'"),
  shows('{{ review.result }}'),
  shows('{{ steps.review.result }}'),
  shows('{{ review.result | upper }}'),
  shows("{% if review.status == 'skipped' %}{{ review.result }}{% endif %}"),
  shows("{{ review.result if review.status != 'failed' else '-' }}"),
  when('{{ other }}', '{{ review.result }}'),
  when("{{ other or review.status == 'completed' }}", '{{ review.result }}'),
  `  - { id: publish, for_each: "{{ review.result | split(',') }}", action: echo a }\n`,
])('a field of a step that may be skipped gets a warning: %s', (step) => {
  expect(warningsOf(step)).toEqual([SKIPPED])
})

test('the warning says what to write', () => {
  const { findings } = compileText(
    `name: x\nsteps:\n  - { id: a, action: echo a, condition: "{{ false or false }}" }\n  - { id: b, action: "echo {{ a.text }}" }`,
    { file: 'p.yaml', toolbox },
  )
  const hint = "Write `a.text | default('…')`, or check it first: `a is not skipped`."
  expect(findings).toMatchObject([{ code: 'may_be_skipped', severity: 'warning', step: 'b', line: 4, hint }, {}])
})

test('the warning is given for outputs as well', () => {
  const outputs = 'outputs: { a: "{{ review.result }}", b: "{{ review.result | default(none) }}", c: "{{ review }}" }\n'
  expect(warningsOf('', outputs)).toEqual([SKIPPED])
})

test.each([
  when('{{ review.result }}'),
  when('not review.result'),
  when("{{ review.result | default('') == 'approved' }}"),
  when("review is not skipped and review.result == 'approved'"),
  when("review is skipped or review.result == 'approved'"),
  when("review.status == 'completed' and review.result == 'approved'"),
  when("{{ review.status }} != 'skipped' and review.result == 'approved'"),
  when('{{ check }}', '{{ review.result }}'),
  when('review is not skipped', '{{ review.result }}'),
  when("review.status in ['completed', 'failed']", '{{ steps.review.result }}'),
  when('{{ review.result | default(false) }}', '{{ review.result }}'),
  shows('{{ review.status }}{{ review.reason }}{{ review }}'),
  shows("{{ review.result or 'none' }}{{ review.result if review else '-' }}"),
  shows('{% if review is skipped %}none{% else %}{{ review.result }}{% endif %}'),
  shows('{% if review.result %}{{ review.result }}{% endif %}'),
  '  - { id: l, condition: "{{ review.success }}", for_each: [1], steps: [{ id: s, action: "echo {{ review.result }}" }] }\n',
  '  - { id: always, action: echo a, condition: "true" }\n  - { id: b, action: "echo {{ always.result }}" }\n',
])('a template that allows for the skip is not: %s', (step) => {
  expect(warningsOf(step)).toEqual([])
})

const undeclared = (text: string) =>
  warningsOf(`  - { id: book, tool: book }\n${shows(text)}`).filter((warning) => warning.startsWith('und'))

test.each([
  ["{{ book.json.booking | default('none') }}", 'json.booking'],
  ['{{ book.result.json.booking }}', 'json.booking'],
  ["{{ steps.book.json['booking'] | default('') }}", 'json.booking'],
  ['{% if book.json.room.flor is defined %}x{% endif %}', 'json.room.flor'],
  ["{{ book.jsn | default('') }}", 'jsn'],
])('a field that the declared output does not have is found behind a default: %s', (text, field) => {
  expect(undeclared(text)).toEqual([`undeclared_output_field: step \`book\` does not declare a field \`${field}\``])
})

test.each([
  "{{ book.json.bookingId | default('') }}",
  '{{ book.json.room.floor | default(0) }}',
  "{{ book.more.other | default('') }}",
  "{{ book.either.b | default('') }}",
  "{{ book.any.thing | default('') }}",
  "{{ book.json.bookingId.x | default('') }}",
])('a field that it may have is not: %s', (text) => {
  expect(undeclared(text)).toEqual([])
})

test('an unknown field of an MCP result gets at most a warning', () => {
  const call =
    '  - { id: call, tool: mcp-server, action: execute_tool, parameters: { server_name: a, tool_name: b } }\n'
  const found = (text: string) => warningsOf(call + shows(text)).filter((warning) => warning.startsWith('und'))
  expect(found('{{ call.result.temperature }}{{ call.success }}')).toEqual([
    'undeclared_output_field: step `call` does not declare a field `temperature`',
  ])
  expect(found("{{ call.temperature | default('') }}{{ call.result.result.extra }}")).toEqual([])
})
