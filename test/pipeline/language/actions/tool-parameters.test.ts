import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../../src/kernel/schema.ts'
import { readGenerationLimits } from '../../../../src/pipeline/language/actions/model-parameters.ts'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { callbackTools, modelTools } from '../../../../src/pipeline/tools/callback-tools.ts'
import { roomTools } from '../../../../src/rooms/rooms.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { parseInput } from '../../../../src/tool/input.ts'
import { inputSchemaOf, type PropertySchema } from '../../../../src/tool/schema.ts'
import { defineTool, type Tool } from '../../../../src/tool/tool.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { fc, runs } from '../../../property.ts'
import { inPipeline } from '../../cases/findings.ts'

const tools = [...builtinTools, ...callbackTools, ...roomTools, ...modelTools]
const later = () => Promise.resolve(false)
const plugin = (name: string, input: Tool['input']) =>
  defineTool({ name, description: name, input, effect: 'pure', execute: () => null })
const toolbox = createToolbox([
  ...tools,
  plugin(
    'paint',
    z.object({ hue: z.enum(['red', 'green']), site: z.string().transform((text) => new URL(text).href) }),
  ),
  plugin('asks', z.object({ x: z.string().refine(later, 'x will not do') })),
  plugin('strict', z.strictObject({ size: z.strictObject({ w: z.number().max(9).optional() }) })),
])
const warningsIn = (text: string) =>
  compileText(text, { file: 'p.yaml', toolbox }).findings.filter(({ code }) => code === 'would_fail')

const FUNCTIONS = 'one of sum, avg, mean, count, count_distinct, min, max, median'
const step = (action: string) => (parameters: string) => `\n  - id: a\n    ${action}\n    parameters: ${parameters}`
const generate = step('action: generate')
const structured = step('action: generate_structured')
const chain = step('action: chain')
const aggregate = step('tool: data-processing\n    action: aggregate')
const transform = step('tool: data-processing\n    action: transform')
const filter = step('tool: data-processing\n    action: filter')
const gate = step('tool: approval-gate')
const store = step('tool: mcp-memory\n    action: store')
const report = step('tool: report-generator\n    action: generate')
const validate = step('tool: validation\n    action: validate')
const terminal = step('tool: terminal')
const feedback = step('tool: feedback-collection')
const paint = step('tool: paint')
const prompt = step('tool: user-prompt')
const signal = step('tool: wait-for-signal')

describe('a parameter that a tool will certainly refuse gets a warning with its place and the possible values', () => {
  test.each<[marked: string, says: string]>([
    [generate('{ prompt: x, temperature: ¶hot }'), '`temperature`: expected a number, got the string "hot"'],
    [feedback('{ questions: [¶{ text: hi }] }'), '`questions[0].id` is missing: expected a value'],
    [prompt('¶{ prompt: x, input_type: choice }'), 'input_type choice requires `choices`'],
    [prompt('{ prompt: x, choices: [a, b], default: ¶c }'), 'Expected one of a, b, got "c"'],
    [prompt('{ prompt: x, input_type: number, default: ¶many }'), 'Expected a number, got "many'],
    [prompt('{ prompt: x, validation_pattern: ¶"(a" }'), "a '(' is never closed"],
    [signal('{ input_type: boolean, default: ¶perhaps }'), 'Expected yes or no, got "perhaps"'],
    [generate('{ prompt: x, max_tokens: ¶-3 }'), '`max_tokens`: expected 1 or more, got -3'],
    [
      generate('{ prompt: x, max_completion_tokens: ¶"1.5" }'),
      '`max_completion_tokens`: expected a whole number, got the number 1.5',
    ],
    [generate('{ prompt: ¶" " }'), '`prompt`: it is empty'],
    [
      generate('{ prompt: "{{ topic }}", response_format: ¶jsn }'),
      '`response_format`: expected one of text, json, json_object, json_schema, got "jsn" Did you mean `json`?',
    ],
    [structured('{ prompt: ¶"", schema: { type: object } }'), '`prompt`: it is empty'],
    [chain('{ prompt: x, files: ¶3 }'), '`files`: expected a string or a list, got the number 3'],
    [chain('{ prompt: ¶"" }'), '`prompt`: it is empty'],
    [
      aggregate('{ data: [], aggregations: { s: { column: v, function: ¶summ } } }'),
      `\`aggregations.s.function\`: expected ${FUNCTIONS}, got "summ" Did you mean \`sum\`?`,
    ],
    [
      aggregate('{ data: [], aggregations: { v: ¶summ } }'),
      `\`aggregations.v\`: expected ${FUNCTIONS}, got "summ" Did you mean \`sum\`?`,
    ],
    [
      aggregate('{ data: [], aggregations: { v: ¶[sum] } }'),
      '`aggregations.v`: expected a string or a map, got a list',
    ],
    [
      aggregate('{ data: "{{ topic }}", aggregations: { s: { column: "{{ topic }}", function: ¶summ } } }'),
      'Did you mean `sum`?',
    ],
    [
      transform('{ data: [], operations: [{ type: ¶fliter }] }'),
      '`operations[0].type`: expected one of filter, aggregate, rename_fields, add_field, deduplicate, cast, fill_missing, calculate, got "fliter" Did you mean `filter`?',
    ],
    [transform('{ data: [], operations: [¶{ type: cast }] }'), '`operations[0].columns` is missing: expected a map'],
    [
      transform('{ data: [], operations: [{ type: cast, columns: { v: ¶int } }] }'),
      '`operations[0].columns.v`: expected one of integer, float, string, boolean, datetime, got "int"',
    ],
    [filter('¶{ data: [] }'), 'it needs `criteria` or `condition` such as criteria: { state: paid }'],
    [
      transform('¶{ data: [], operation: {} }'),
      'it needs `operations` or `transform_spec` operations: [{ type: … }], each of',
    ],
    [filter('{ data: [], criteria: ¶5 }'), '`criteria`: expected a map, got the number 5'],
    [
      step('tool: data-processing\n    action: pivot')('{ data: [], index: a, columns: ¶[b, c], values: d }'),
      '`columns`: expected a column, or a list of one',
    ],
    [gate('{ timeout: ¶-1 }'), '`timeout`: expected 0 or more, got -1'],
    [
      gate('{ require_reason: ¶maybe }'),
      '`require_reason`: expected one of true, 1, yes, on, y, enabled, false, 0, no, off, n, disabled, got "maybe"',
    ],
    [store('{ key: k, value: 1, ttl: ¶x }'), '`ttl`: expected a number'],
    [report('{ content: "{{ topic }}", format: ¶docx }'), '`format`: expected one of markdown, md, text, got "docx"'],
    [report('{ content: x, format: ¶pdf }'), '`format`: expected one of markdown, md, text, got "pdf"'],
    [
      validate('{ data: "{{ topic }}", schema: { type: ¶objct } }'),
      '`schema.type`: expected one of string, number, integer, boolean, object, array, null, got "objct" Did you mean `object`?',
    ],
    [
      validate('{ data: 1, schema: { items: { type: [string, ¶nosuch] } } }'),
      '`schema.items.type[1]`: expected one of string, number, integer, boolean, object, array, null, got "nosuch"',
    ],
    [terminal('{ command: ls, timeout: ¶0 }'), '`timeout`: expected more than 0, got 0'],
    [terminal('{ command: ls, env: { ¶a-b: x } }'), '`env.a-b`: expected the name of an environment variable'],
    [feedback('{ questions: [{ id: x, type: ¶ratng }] }'), 'Did you mean `rating`?'],
    [
      paint('{ site: "http://x.org", hue: ¶gren }'),
      '`hue`: expected one of red, green, got "gren" Did you mean `green`?',
    ],
    [step('tool: strict')('{ size: { ¶h: 1 } }'), '`size.h` is unknown'],
    [step('tool: strict')('{ size: { w: ¶10 } }'), '`size.w`: expected 9 or less, got 10'],
  ])('%s', (marked, says) => {
    const text = inPipeline(marked)
    const before = text.slice(0, text.indexOf('¶')).split('\n')
    const [found, ...others] = warningsIn(text.replace('¶', ''))
    expect(others).toEqual([])
    expect(found).toMatchObject({ severity: 'warning', step: 'a', line: before.length })
    expect(found!.column).toBe(before.at(-1)!.length + 1)
    expect(`${found!.message} ${found!.hint ?? ''}`).toContain(says)
  })
})

test.each([
  generate('{ prompt: x, temperature: "0.5", max_tokens: "100", response_format: { type: json_object } }'),
  generate(
    '{ prompt: x, temperature: null, max_tokens: "{{ n }}", temperature: <AUTO>how warm?</AUTO> }'.replace(
      'temperature: null, ',
      '',
    ),
  ),
  generate('{ prompt: x, response_format: whatever, schema: { type: object } }'),
  step('action: analyze_text')('{ text: x, prompt: "" }'),
  aggregate('{ data: [], aggregations: { s: { column: v, function: "{{ topic }}" } } }'),
  aggregate('{ data: [], aggregations: { s: "{{ topic }}" } }'),
  aggregate('{ data: [], aggregations: "{{ topic }}" }'),
  transform('{ data: [], operations: [{ type: "{{ topic }}", columns: 5 }] }'),
  validate(
    '{ data: 1, schema: { type: "{{ topic }}", properties: { type: { const: nosuch } }, enum: [{ type: nosuch }] } }',
  ),
  filter('{ data: [], operation: "{{ topic }}" }'),
  filter('{ data: [], operation: { condition: "{{ topic }}" } }'),
  transform('{ data: [], operation: { transformations: [] } }'),
  gate('{ timeout: "5", require_reason: "yes" }'),
  terminal('{ command: ls, timeout: "secret://patience" }'),
  step('tool: filesystem\n    action: delete')('{ path: "{{ topic }}", paths: [a] }'),
  paint('{ hue: red, site: "{{ topic }}" }'),
  step('tool: asks')('{ x: y }'),
])('a value that may fit at run time gets no warning: %s', (text) => {
  expect(warningsIn(inPipeline(text))).toEqual([])
})

test('one step gets no more findings than a person reads', () => {
  const operations = JSON.stringify(Array.from({ length: 100 }, () => ({ type: 'x' })))
  expect(warningsIn(inPipeline(transform(`{ data: [], operations: ${operations} }`)))).toHaveLength(20)
})

// what compiles is taken

const words = [
  ...new Set(tools.flatMap((tool) => Object.values(inputSchemaOf(tool)?.properties ?? {}).flatMap(wordsOf))),
]

function wordsOf({ enum: listed = [], anyOf = [] }: PropertySchema): readonly Json[] {
  return [...listed, ...anyOf.flatMap(wordsOf)]
}

const leaf = fc.oneof(
  fc.constantFrom<Json>(...words, 'sum', 'filter', 'cast', 'object', 'x', '', '5', '-1', 'true', '[1]', '{"a":1}'),
  fc.constantFrom<Json>(-3, 0, 1, 2.5, 1e9, true, false, null),
)
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('type', 'function', 'column', 'columns', 'id', 'a', 'data'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}))
const parametersOf = (tool: Tool) =>
  fc.record(Object.fromEntries(Object.keys(inputSchemaOf(tool)?.properties ?? {}).map((name) => [name, value])), {
    requiredKeys: [...(inputSchemaOf(tool)?.required ?? [])],
    noNullPrototype: true,
  })

test.each(tools)('$name takes all that compiles without a warning, and nothing else', (tool) => {
  const [name, action] = tool.name.split(':')
  const called = { id: 'a', tool: name, ...(action !== undefined && { action }) }
  fc.assert(
    fc.property(parametersOf(tool), (parameters) => {
      const text = JSON.stringify({ name: 'x', steps: [{ ...called, parameters }] })
      const { pipeline, findings } = compileText(text, { file: 'p.yaml', toolbox })
      const found = findings.filter(({ code, severity }) => code === 'would_fail' || severity === 'error')
      if (pipeline && found.length === 0) parseInput(tool, parameters)
      else expect({ found, refuses: refuses(tool, parameters) }).toMatchObject({ refuses: true })
    }),
    runs(25),
  )
})

/** By its schema or, as it says beforehand, when it is called. */
function refuses(tool: Tool, parameters: { readonly [name: string]: Json }): boolean {
  if ('adviceOn' in tool && (tool as { adviceOn: (of: object) => readonly object[] }).adviceOn(parameters).length > 0)
    return true
  try {
    parseInput(tool, parameters)
    return false
  } catch {
    return true
  }
}

test('a model is asked with all that compiles without a warning', () => {
  const settings = fc.record({ temperature: leaf, max_tokens: leaf, max_completion_tokens: leaf }, { requiredKeys: [] })
  fc.assert(
    fc.property(settings, (given) => {
      const [wrong] = warningsIn(inPipeline(generate(JSON.stringify({ prompt: 'x', ...given }))))
      if (wrong) expect(() => readGenerationLimits(given)).toThrow(/^parameters\./)
      else readGenerationLimits(given)
    }),
  )
})
