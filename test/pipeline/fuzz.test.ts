import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileText } from '../../src/pipeline/compile.ts'
import { checkInputs } from '../../src/pipeline/inputs.ts'
import { planOf } from '../../src/pipeline/plan.ts'
import { PIPELINE_TABLE } from '../../src/pipeline/spec/pipeline-keys.ts'
import { STEP_TABLE } from '../../src/pipeline/spec/step-keys.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { tool } from './workshop.ts'

const toolbox = createToolbox([tool('say', () => null, 'pure'), tool('terminal:execute', () => null, 'at-most-once')])
const read = (path: string) => ({ file: path, text: `{{ file:${path}x }} << a/b >>` })
const compile = (text: string) => compileText(text, { file: 'p.yaml', toolbox, read, given: ['topic'] })

/** Whatever it is given, the compiler soon gives a verdict: a pipeline, which has a plan, or findings with their place. */
function expectVerdict(text: string): void {
  const began = performance.now()
  const { pipeline, findings } = compile(text)
  if (pipeline) expect(planOf(pipeline, () => ({})).levels.flat()).not.toEqual([])
  expect(performance.now() - began).toBeLessThan(1000)
  if (!pipeline) expect(findings.some(({ severity }) => severity === 'error')).toBe(true)
  for (const { message, line = 1, column = 1 } of findings) {
    expect(message).not.toBe('')
    expect(line > 0 && column > 0).toBe(true)
  }
}

const SEED = `name: x
inputs: { topic: { type: string, choices: [a, b] }, n: 3 }
config: { default_timeout: 5 }
steps:
  - id: a
    tool: say
    parameters: { text: "{{ topic | upper }} {{ file:x.md }}", list: [<AUTO>one: two</AUTO>] }
  - id: each
    for_each: "{{ xs }}"
    steps:
      - { id: b, tool: say, condition: "{{ item == 'x' }}", parameters: { t: "{{ a }} {{ outputs.o }}" } }
outputs: { o: "{{ topic }}", p: { value: "{{ each.results }}" } }
`
const piece = fc.constantFrom(
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '<AUTO>',
    '</AUTO>',
    '<<',
    '>>',
    ': ',
    ' #',
    '\n',
    '\n  ',
    '- ',
    '&a ',
    '*a ',
    '"',
    "'",
    '|',
    '>-',
  ],
  ...[
    '!!x ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    '__proto__',
    'constructor',
    '\0',
    '\t',
    '😀',
    '---\n',
    '$results.a',
    'null',
    '1e999',
  ],
)

describe('the compiler always comes to a verdict', () => {
  test('about a pipeline with something put in or taken out anywhere', () => {
    const edit = fc.tuple(fc.nat(SEED.length), fc.nat(6), piece)
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 4 }), (edits) => {
        let text = SEED
        for (const [at, length, put] of edits) text = text.slice(0, at) + put + text.slice(at + length)
        expectVerdict(text)
      }),
      { numRuns: 300 },
    )
  })

  test('about anything under any of its keys', () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const step = fc.dictionary(fc.constantFrom(...Object.keys(STEP_TABLE), 'nope'), value, { maxKeys: 6 })
    const steps = fc.array(
      step.map((fields) => ({ id: 'a', tool: 'say', ...fields })),
      { maxLength: 3 },
    )
    const top = fc.dictionary(fc.constantFrom(...Object.keys(PIPELINE_TABLE), 'nope', '__proto__'), value, {
      maxKeys: 5,
    })
    fc.assert(
      fc.property(top, steps, (fields, list) => expectVerdict(JSON.stringify({ name: 'x', steps: list, ...fields }))),
      { numRuns: 300 },
    )
  })
})

test('whatever is given as an input is taken or refused with its name', () => {
  const types = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'any', 'path']
  const { pipeline } = compile(
    `name: x\ninputs: { ${types.map((type) => `${type}: { type: ${type}, default: null }`).join(', ')} }\nsteps: [{ id: a, tool: say }]`,
  )
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.jsonValue(), (name, value) => {
      try {
        expect(Object.keys(checkInputs(pipeline!, { [name]: value as never }))).toEqual(types)
      } catch (error) {
        expect(error).toMatchObject({ code: 'input_type', place: { path: `inputs.${name}` } })
      }
    }),
  )
})
