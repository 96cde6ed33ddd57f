import { describe, expect, test } from 'vitest'
import { is } from '../../../../../src/errors.ts'
import type { Json } from '../../../../../src/kernel/schema.ts'
import { compileText } from '../../../../../src/pipeline/language/compile.ts'
import { checkInputs } from '../../../../../src/pipeline/language/parse/inputs/given-inputs.ts'
import type { Inputs } from '../../../../../src/pipeline/plan/inputs.ts'
import { createToolbox } from '../../../../../src/tool/toolbox.ts'
import { secondsFor } from '../../../../template/fixture.ts'
import { tool } from '../../../workshop.ts'

const toolbox = createToolbox([tool('say', () => null)])
const compile = (declarations: string) =>
  compileText(`name: x\nsteps: [{ id: a, tool: say }]\n${declarations}`, { file: 'p.yaml', toolbox })
const inputsOf = (declarations: string, given: Inputs = {}) => checkInputs(compile(declarations).pipeline!, given)
const refusal = (declarations: string, given: Inputs) => {
  try {
    inputsOf(declarations, given)
  } catch (error) {
    return error as Error & { code: string; place: object; hint?: string }
  }
  throw new Error('was accepted')
}

test('a stored file for a path is refused with the way out', () => {
  const photo = { file: `file_${'0'.repeat(64)}`, type: 'image/png', name: 'a.png', bytes: 3 }
  expect(refusal('inputs: { photo: { type: path } }', { photo })).toMatchObject({
    code: 'input_type',
    hint: 'give the path without @, or declare the input with `type: object`, which takes a stored file',
  })
})

describe('declarations', () => {
  test.each([
    ['with type and default', 'inputs: { n: { type: integer, default: 3 } }', { n: 3 }],
    ['in the older section', 'parameters: { n: { type: integer, default: 3 } }', { n: 3 }],
    ['in both, the older first', 'inputs: { n: 1, m: 2 }\nparameters: { n: 5 }', { n: 5, m: 2 }],
    [
      'as bare values',
      'inputs: { a: text, b: 1.5, c: true, d: [1], e: { x: 1 } }',
      { a: 'text', b: 1.5, c: true, d: [1], e: { x: 1 } },
    ],
    ['as a list', 'inputs:\n  - { name: n, type: integer, default: 3 }\n  - { name: t, default: x }', { n: 3, t: 'x' }],
    ['as a spec inside the default (A50)', 'inputs: { n: { default: { type: integer, default: 3 } } }', { n: 3 }],
    [
      'as a spec without a default inside the default',
      'inputs: { n: { type: string, default: { type: integer, required: false, description: x } } }',
      { n: null },
    ],
    [
      'a default whose items are all choices',
      'inputs: { l: { type: array, choices: [a, b, c], default: [a, c] } }',
      { l: ['a', 'c'] },
    ],
    ['optional without a default', 'inputs: { n: { type: integer, required: false } }', { n: null }],
    [
      'a default in words',
      'inputs: { n: { type: integer, default: "3" }, l: { type: array, default: "[1]" } }',
      { n: 3, l: [1] },
    ],
    [
      'of both sections, each for what the other leaves open',
      'inputs: { n: { type: integer, default: 2 }, m: { default: 1 } }\nparameters: { n: { required: true }, m: { default: 3 } }',
      { n: 2, m: 3 },
    ],
    ['a date stays text', 'inputs: { d: 2024-01-01 }', { d: '2024-01-01' }],
  ])('%s', (_name, declarations, expected) => {
    expect(inputsOf(declarations)).toEqual(expected)
  })

  test.each([
    ['input_type', 'inputs: { n: { type: integr } }', /`integer`/],
    [
      'input_type',
      'inputs: { n: { type: integer, default: many } }',
      /`default`: expected a value of type integer, got "many"/,
    ],
    ['input_choice', 'inputs: { n: { type: string, choices: [a, b], default: c } }', /one of/],
    ['input_choice', 'inputs: { l: { type: array, choices: [a, b], default: [a, c] } }', /each item one of "a", "b"/],
    ['input_choice', 'inputs: { l: { type: array, choices: [[a], [b]], default: [a, b] } }', /one of \["a"\]/],
    ['unknown_key', 'inputs: { n: { type: integer, defalt: 1 } }', /`default`/],
    ['not_supported', 'inputs: { n: { type: string, default: "{{ x }}" } }', /plain value/],
    ['bad_value', 'inputs: { n: { type: string, validation: { pattern: "(" } } }', /./],
    ['bad_value', 'inputs: { n: { type: string, validation: { pattern: "(?=a)a" } } }', /look-around/],
    ['bad_value', 'inputs: { n: { type: string, validation: { min_length: many } } }', /number/],
    ['bad_value', 'inputs: { n: { type: string, validation: [1] } }', /map/],
    ['bad_value', 'inputs: { n: { type: string, choices: a } }', /list/],
    ['bad_value', 'inputs: { n: { type: integer, range: [5, 1] } }', /two numbers/],
    ['bad_value', 'inputs: { n: { type: integer, required: maybe } }', /true or false/],
    ['bad_value', 'inputs: [topic]', /name/],
    ['bad_value', 'inputs: 5', /map/],
  ])('%s in %s', (code, declarations, says) => {
    const finding = compile(declarations).findings.find((candidate) => candidate.code === code)
    expect(`${finding?.message} ${finding?.hint}`).toMatch(says)
  })
})

describe('values given', () => {
  const all =
    'inputs: { s: { type: string, default: x }, i: { type: integer, default: 1 }, f: { type: number, default: 1 }, b: { type: boolean, default: true }, l: { type: array, default: [] }, o: { type: object, default: {} }, j: { type: json, default: null } }'

  test.each<[name: string, given: Json, expected: Json]>([
    ['s', 'text', 'text'],
    ['s', 5, '5'],
    ['s', '5', '5'],
    ['i', '42', 42],
    ['i', ' -7 ', -7],
    ['f', '2.5e1', 25],
    ['b', 'no', false],
    ['b', 'On', true],
    ['b', 'off', false],
    ['b', 'True', true],
    ['b', '0', false],
    ['l', '["a", 1]', ['a', 1]],
    ['l', 'a, b', ['a', 'b']],
    ['l', '[a, b]', ['a', 'b']],
    ['l', "['a', 'b c',]", ['a', 'b c']],
    ['l', '', []],
    ['l', 'a, b [1]', ['a', 'b [1]']],
    ['o', '{"x": 1}', { x: 1 }],
    ['j', '{"x": 1}', { x: 1 }],
    ['j', 'plain words', 'plain words'],
    ['j', '42', 42],
    ['j', '1098765432109876543', '1098765432109876543'],
    ['o', '{"x": 1098765432109876543}', { x: '1098765432109876543' }],
    ['l', '[1098765432109876543]', ['1098765432109876543']],
    ['s', '{{ i }}', '{{ i }}'],
    ['s', null, 'x'],
    ['l', null, []],
    ['j', null, null],
  ])('%s: %j is %j', (name, given, expected) => {
    expect(inputsOf(all, { [name]: given })[name]).toEqual(expected)
  })

  test.each<[name: string, given: Json]>([
    ['i', 'abc'],
    ['i', '1.5'],
    ['i', 1.5],
    ['f', ''],
    ['b', 'maybe'],
    ['l', { x: 1 }],
    ['l', '["a", "b"'],
    ['l', '{"x": 1}'],
    ['o', '{x: 1'],
    ['o', '[1]'],
    ['s', ['a']],
    ['needed', null],
  ])('%s: %j is refused', (name, given) => {
    const declared = all.replace('{ s:', '{ needed: { type: string, required: true }, s:')
    expect(refusal(declared, { needed: 'x', [name]: given })).toMatchObject({
      ...{ code: 'input_type', place: { path: `inputs.${name}` } },
    })
  })

  test.each(['i', 'f'])('%s: one that would lose digits is refused, with how to keep them', (name) => {
    expect(refusal(all, { [name]: '1098765432109876543' })).toMatchObject({
      code: 'input_type',
      hint: expect.stringContaining('declare the input as a string'),
    })
  })

  test('one that is required names itself, where it is declared, and how to give it', () => {
    const error = refusal('inputs:\n  who: { type: string, required: true }', {})
    expect(is(error, 'InvalidError')).toBe(true)
    expect(error).toMatchObject({
      code: 'input_required',
      place: { file: 'p.yaml', line: 4, column: 8 },
      hint: expect.stringContaining('-i who='),
    })
  })

  test('an unknown one is refused with the nearest name', () => {
    expect(refusal('inputs: { topic: x }', { topik: 'y' })).toMatchObject({
      code: 'input_unknown',
      hint: expect.stringContaining('`topic`'),
    })
  })

  test.each<[rule: string, given: Json]>([
    ['type: string, choices: [red, blue]', 'rde'],
    ['type: integer, enum: [1, 2]', '3'],
    ['type: integer, range: [1, 5]', 6],
    ['type: string, validation: { min_length: 3 }', 'ab'],
    ['type: string, validation: { pattern: "^a+$" }', 'aab'],
    ['type: number, validation: { max: 2 }', 3],
    ['type: string, validation: { pattern: "^(a+)+$" }', `${'a'.repeat(9_000)}b`],
  ])('constraints hold: %s refuses %j', (rule, given) => {
    expect(refusal(`inputs: { n: { ${rule} } }`, { n: given })).toMatchObject({ code: 'input_choice' })
  })
})

test('patterns of inputs hold nobody up, however many there are and whatever they look for', () => {
  const names = Array.from({ length: 200 }, (_, at) => `n${at}`)
  const slow = '{ type: string, validation: { pattern: "(a?){400}b$" } }'
  const given = Object.fromEntries(names.map((name) => [name, `${'a'.repeat(9_000)}bc`]))
  const declared = `inputs: { ${names.map((name) => `${name}: ${slow}`).join(', ')} }`
  const seconds = secondsFor(() => {
    const error = refusal(declared, given)
    expect(error).toMatchObject({ code: 'input_choice', message: expect.stringContaining('takes too long') })
  })
  expect(seconds).toBeLessThan(5)
})

test('a number that turns out invalid is reported at once, however long it is', () => {
  const given = { n: `${'1'.repeat(30_000)}x` }
  const seconds = secondsFor(() => expect(refusal('inputs: { n: { type: integer } }', given).code).toBe('input_type'))
  expect(seconds).toBeLessThan(0.5)
})

describe('values that are not JSON', () => {
  const around: unknown[] = []
  around.push(around)
  const strangers: readonly (readonly [unknown, string])[] = [
    [Number.NaN, 'NaN'],
    [[{ a: Number.POSITIVE_INFINITY }], 'Infinity'],
    [new Map([[1, 2]]), 'a Map'],
    [{ at: new Date(0) }, 'a Date'],
    [() => 1, 'a function'],
    [5n, 'a BigInt'],
    [around, 'a value that contains itself'],
  ]

  test.each(strangers)('is refused by name: %s', (value, name) => {
    expect(refusal('inputs: { a: { type: any } }', { a: value as Json })).toMatchObject({
      code: 'input_type',
      message: `input \`a\` contains ${name}, which is not JSON`,
      place: { path: 'inputs.a' },
    })
  })

  test('is not what JSON leaves out', () => {
    const given = { a: { x: 1, y: undefined } }
    expect(inputsOf('inputs: { a: { type: any } }', given)).toEqual(given)
  })
})

test('all that is wrong is said at once', () => {
  const error = refusal('inputs: { n: { type: integer }, who: { type: string } }', { n: 'x' })
  expect(error).toMatchObject({
    code: 'input_type',
    message: expect.stringMatching(/expected a value of type integer, got .*; input `who` is required/),
  })
})

describe('a name that is given and not declared', () => {
  const text = 'name: x\nsteps: [{ id: a, tool: say, parameters: { to: "{{ output_path }}/a" } }]'
  const compileWith = (given: readonly string[]) => compileText(text, { file: 'p.yaml', toolbox, given })

  test('is an input when the pipeline uses it', () => {
    expect(checkInputs(compileWith(['output_path']).pipeline!, { output_path: 'out' })).toEqual({ output_path: 'out' })
  })

  test('is refused when it does not', () => {
    expect(compileWith([]).findings).toEqual([expect.objectContaining({ code: 'undefined_variable' })])
    expect(() =>
      checkInputs(compileWith(['output_path', 'topic']).pipeline!, { output_path: 'o', topic: 't' }),
    ).toThrow(/no input `topic`/)
  })
})
