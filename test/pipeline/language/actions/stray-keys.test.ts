import { expect, test } from 'vitest'
import { z } from 'zod'
import { compileText } from '../../../../src/pipeline/language/compile.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

const paint = defineTool({
  name: 'paint',
  description: 'paints',
  input: z.object({
    size: z.object({ width: z.number() }),
    shades: z.array(z.union([z.string(), z.object({ hue: z.string() })])).optional(),
    open: z.looseObject({ known: z.string().optional() }).optional(),
    closed: z.strictObject({ known: z.string() }).optional(),
    either: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]).optional(),
  }),
  effect: 'pure',
  execute: () => null,
})
const toolbox = createToolbox([...builtinTools, paint])

function warningsOf(step: string) {
  const { findings } = compileText(`name: x\nsteps:\n  - { id: a, ${step} }`, { file: 'p.yaml', toolbox })
  return findings.map(({ code, path, message, hint, column }) => ({ code, path, column, says: `${message} (${hint})` }))
}

const transform = (operation: string) =>
  `tool: data-processing, action: transform, parameters: { data: "{{ execution.id }}", operations: [${operation}] }`

test.each<[step: string, key: string, says: RegExp]>([
  [transform('{ type: filter, field: a, vaule: 1 }'), 'operations[0].vaule', /`operations\[0\]\.vaule` .*mean `value`/],
  [transform('{ type: aggregate, operation: sum, field: a, by: b }'), 'operations[0].by', /type, operation, field/],
  [
    'tool: data-processing, action: aggregate, parameters: { data: x, aggregations: { n: { colum: a, function: sum } } }',
    'aggregations.n.colum',
    /mean `column`/,
  ],
  ['tool: paint, parameters: { size: { width: 1, heigth: 2 } }', 'size.heigth', /`paint` does not know/],
  ['tool: paint, parameters: { size: { width: 1 }, shades: [red, { hue: blue, tone: x }] }', 'shades[1].tone', /hue/],
])('a key that is left out is warned of: %s', (step, key, says) => {
  const [warning, ...others] = warningsOf(step)
  expect(others).toEqual([])
  expect(warning).toMatchObject({ code: 'unknown_parameter', path: `steps[0].parameters.${key}` })
  expect(warning!.says).toMatch(says)
  const name = key.split('.').at(-1)!
  expect(warning!.column).toBe(`  - { id: a, ${step}`.indexOf(`${name}:`) + 1)
})

test.each([
  transform('{ type: "{{ execution.id }}", vaule: 1 }'),
  transform('{ type: add_field, field: a, value: { any: thing } }'),
  'tool: paint, parameters: { size: { width: 1 }, open: { known: x, other: y } }',
  'tool: paint, parameters: { size: { width: 1 }, either: { a: x, c: y } }',
  'tool: data-processing, action: aggregate, parameters: { data: [{ colum: 1 }], aggregations: { colum: sum } }',
])('nothing is said where others are taken, or cannot be told: %s', (step) => {
  expect(warningsOf(step)).toEqual([])
})

test('a key that would be refused is reported once', () => {
  expect(warningsOf('tool: paint, parameters: { size: { width: 1 }, closed: { known: x, other: y } }')).toMatchObject([
    { code: 'would_fail', path: 'steps[0].parameters.closed.other' },
  ])
})
