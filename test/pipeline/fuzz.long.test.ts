import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { is } from '../../src/errors.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { checkInputs } from '../../src/pipeline/language/parse/inputs/given-inputs.ts'
import { PIPELINE_TABLE } from '../../src/pipeline/language/schema/pipeline-keys.ts'
import { STEP_TABLE } from '../../src/pipeline/language/schema/step-keys.ts'
import { INPUT_TYPES } from '../../src/pipeline/plan/inputs.ts'
import { planOf } from '../../src/pipeline/report/plan.ts'
import { ourTools } from '../../src/runtime/services/toolbox.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { fc, runs, TIMES } from '../property.ts'
import { secondsFor } from '../template/fixture.ts'
import { DIAGNOSTICS_AT_WORK } from './cases/diagnostics.ts'
import { KEYS } from './cases/keys.ts'
import { ACTIONS, TOOLS } from './cases/tools.ts'
import { madePipeline } from './fuzz-made.ts'
import { heldBytes } from './held.ts'
import { tool } from './workshop.ts'

const toolbox = createToolbox([tool('say', () => null, 'pure'), ...ourTools])
const read = (path: string) => ({ file: path, text: `{{ file:${path}x }} << a/b >>` })
const compile = (text: string) => compileText(text, { file: 'p.yaml', toolbox, read, given: ['topic'] })

/** Whatever it is given, the compiler soon gives a verdict: a pipeline, which has a plan, or findings with their place. */
function expectVerdict(text: string, within = 1): void {
  let verdict: ReturnType<typeof compile> | undefined
  const seconds = secondsFor(() => {
    verdict = compile(text)
    if (verdict.pipeline) expect(planOf(verdict.pipeline, () => ({})).levels.flat()).not.toEqual([])
  })
  expect(seconds).toBeLessThan(within)
  const { pipeline, findings } = verdict!
  if (!pipeline) expect(findings.some(({ severity }) => severity === 'error')).toBe(true)
  for (const { message, line = 1, column = 1 } of findings) {
    expect(message).not.toBe('')
    expect(message).not.toMatch(INTERNAL)
    expect(line > 0 && column > 0).toBe(true)
  }
}

/** Seconds for a text of 1 MiB, also where others keep the machine busy. */
const PATIENT = 4

/** What only a fault of ours says. */
const INTERNAL = /\n\s+at |is not a function|is not iterable|Cannot read prop|undefined is/

let before = 0
beforeAll(() => {
  // the tables by which these are made take 90 MB
  fc.sample(fc.string({ unit: 'binary' }), 1)
  before = heldBytes()
})
afterAll(() => expect(heldBytes() - before).toBeLessThan(32 * 1024 * 1024))

const SEED = `name: x
inputs: { topic: { type: string, choices: [a, b] }, n: 3, xs: [p, q] }
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

const EXAMPLES = join(import.meta.dirname, '../../examples')
const SEEDS = [
  SEED,
  ...[...KEYS, ...TOOLS, ...ACTIONS, ...DIAGNOSTICS_AT_WORK].map(({ yaml }) => yaml),
  ...readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(EXAMPLES, name), 'utf8')),
]
const cut = (text: string, at: number, length: number) => text.slice(at, at + length)

describe('the compiler always comes to a verdict', () => {
  test('about a pipeline with something put in or taken out anywhere', () => {
    const edit = fc.tuple(fc.nat(SEED.length), fc.nat(6), piece)
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 4 }), (edits) => {
        let text = SEED
        for (const [at, length, put] of edits) text = text.slice(0, at) + put + text.slice(at + length)
        expectVerdict(text)
      }),
      runs(300),
    )
  })

  test('about any pipeline of the tables and the examples with pieces of it or of another one put anywhere', () => {
    const seed = fc.constantFrom(...SEEDS)
    const part = fc.tuple(seed, fc.nat(), fc.nat(80)).map(([text, at, length]) => cut(text, at % text.length, length))
    const edit = fc.tuple(fc.nat(), fc.nat(20), fc.oneof(piece, part, fc.string({ unit: 'binary', maxLength: 5 })))
    fc.assert(
      fc.property(seed, fc.array(edit, { maxLength: 4 }), (first, edits) => {
        let text = first
        for (const [place, length, put] of edits) {
          const at = place % (text.length + 1)
          text = text.slice(0, at) + put + text.slice(at + length)
        }
        expectVerdict(text)
      }),
      runs(200),
    )
  })

  test(
    'about any few pieces that are repeated up to 1 MiB, wherever they stand',
    () => {
      const few = fc.array(fc.oneof(piece, fc.constantFrom('k', 'a: ', ', ', ' ', '{{ a }}', '\n- id: s', '<<: *a ')), {
        ...{ minLength: 1, maxLength: 5 },
      })
      fc.assert(
        fc.property(fc.nat(SEED.length), few, fc.boolean(), (at, pieces, counted) => {
          const text = pieces.join('')
          const times = Math.floor((1024 * 1024 - SEED.length) / (text.length + (counted ? 6 : 0)))
          const many = counted ? Array.from({ length: times }, (_, n) => `${text}${n}`).join('') : text.repeat(times)
          expectVerdict(SEED.slice(0, at) + many + SEED.slice(at), PATIENT)
        }),
        runs(8),
      )
    },
    60_000 * TIMES,
  )

  test('about anything under any key at any depth', () => {
    fc.assert(
      fc.property(madePipeline, (made) => expectVerdict(JSON.stringify(made))),
      runs(100),
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
      runs(300),
    )
  })
})

test('any input is taken or refused with its name', () => {
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
    runs(100),
  )
})

test('any declared inputs are soon taken or refused in our words', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.constantFrom('a'.repeat(5000), '[1, 2', '{"a":1}'),
  )
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }), fc.integer(), fc.double({ noNaN: true }))
  const number = fc.integer({ min: -3, max: 10 })
  const rules = fc.record(
    {
      ...{ min: number, max: number, min_length: number, max_length: number },
      pattern: fc.string({ unit: fc.constantFrom(...'ab(|)*+?{1,3}[^-]\\dw.$'), maxLength: 20 }),
      allowed_values: fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  const declared = fc.record(
    {
      type: fc.constantFrom(...Object.keys(INPUT_TYPES)),
      required: fc.boolean(),
      default: value,
      validation: rules,
      range: fc.tuple(number, number),
    },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(declared, fc.dictionary(fc.constantFrom('v', 'w', '__proto__'), value), (spec, given) => {
      const { pipeline } = compile(
        JSON.stringify({ name: 'x', inputs: { v: spec }, steps: [{ id: 'a', tool: 'say' }] }),
      )
      if (!pipeline) return
      const seconds = secondsFor(() => {
        try {
          checkInputs(pipeline, given as never)
        } catch (error) {
          expect(is(error, 'InvalidError'), String(error)).toBe(true)
          expect((error as Error).message).not.toMatch(INTERNAL)
        }
      })
      expect(seconds).toBeLessThan(1)
    }),
    runs(500),
  )
})
