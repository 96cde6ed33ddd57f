import { describe, expect, test } from 'vitest'
import { validationTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { longestPause } from '../../../pause.ts'
import { call, contextAt } from '../../context.ts'

const toolbox = createToolbox(validationTools)
const run = (operation: string, input: { readonly [name: string]: unknown }) =>
  call(toolbox.find('validation', operation)!, input, contextAt('/'))

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    age: { type: 'integer', minimum: 0 },
    mail: { format: 'email' },
  },
  required: ['name'],
  additionalProperties: false,
}

describe('validate', () => {
  test.each<[input: { readonly [name: string]: unknown }, result: object]>([
    [
      { data: { name: 'Ada', age: 36 }, schema: PERSON },
      { valid: true, errors: [], warnings: [], mode: 'strict' },
    ],
    [
      { data: { age: -1, mail: 'x', more: 1 }, schema: PERSON },
      {
        valid: false,
        errors: [
          { validator: 'required', path: [], message: 'the value: Instance does not have required property "name"' },
          { validator: 'minimum', path: ['age'], message: 'age: -1 is less than 0' },
          { validator: 'format', path: ['mail'] },
          {
            validator: 'additionalProperties',
            message: 'the value: Property "more" does not match additional properties schema',
          },
        ],
      },
    ],
    [
      { data: [{ name: 'Ada' }, { name: '' }, {}], schema: PERSON },
      {
        valid: false,
        rows_validated: 3,
        errors: [
          { row: 2, path: ['name'] },
          { row: 3, validator: 'required' },
        ],
      },
    ],
    [
      {
        data: '[{"id": 1098765432109876543, "code": 1098765432109876543}, {"id": 5, "code": "a"}]',
        schema: { properties: { id: { type: 'integer' }, code: { type: 'string' } } },
      },
      { valid: true, errors: [] },
    ],
    [
      { data: 'id,n\n1098765432109876543,1\n', schema: { properties: { id: { type: 'integer' } } } },
      { valid: true, data: [{ id: '1098765432109876543', n: '1' }] },
    ],
    [
      { data: '[1098765432109876543]', schema: { type: 'array', items: { type: 'integer', maximum: 10 } } },
      { valid: false, errors: [{ path: [0], validator: 'maximum' }] },
    ],
    [
      { data: '[1098765432109876543]', schema: { items: { anyOf: [{ type: 'integer' }, { type: 'null' }] } } },
      { valid: true },
    ],
    [
      {
        data: '[1098765432109876543, 12345678901234567890]',
        schema: { items: { enum: ['1098765432109876543'], type: 'integer' } },
      },
      { valid: false, errors: [{ path: [1], validator: 'enum' }] },
    ],
    [
      { data: [1, 'x'], schema: { type: 'array', items: { type: 'integer' } } },
      {
        valid: false,
        rows_validated: 2,
        errors: [{ row: 2, path: [1], message: '1: Instance type "string" is invalid. Expected "integer"' }],
      },
    ],
    [
      { data: 'name,age\nAda,36\nBob,old\n', schema: PERSON },
      {
        valid: false,
        data: [
          { name: 'Ada', age: 36 },
          { name: 'Bob', age: 'old' },
        ],
        errors: [{ row: 2, path: ['age'] }],
        warnings: [],
      },
    ],
    [
      { data: '{"name": "Ada"}', schema: PERSON },
      { valid: true, data: { name: 'Ada' } },
    ],
    [
      { data: { name: 7, age: '36' }, schema: PERSON, mode: 'lenient' },
      {
        valid: true,
        data: { name: '7', age: 36 },
        mode: 'lenient',
        warnings: [
          { path: ['name'], coerced_to: '7' },
          { path: ['age'], coerced_to: 36 },
        ],
      },
    ],
    [
      { data: { name: 'Ada', age: 'old' }, schema: PERSON, mode: 'lenient' },
      { valid: false, warnings: [], errors: [{ path: ['age'] }] },
    ],
    [
      { data: {}, schema: PERSON, validation_level: 'report_only' },
      { valid: true, errors: [], warnings: [{ validator: 'required' }] },
    ],
    [
      { data: {}, schema: PERSON, mode: 'severe' },
      { valid: false, mode: 'strict', warnings: [{ message: 'there is no mode severe: strict was taken' }] },
    ],
    [
      { data: 1, schema: { typ: 'string' } },
      { valid: true, warnings: [{ validator: 'schema', message: expect.stringContaining('typ') }] },
    ],
    [
      { data: ['a/b', 'a b'], schema: { format: 'model-id' } },
      { valid: false, errors: [{ row: 2, validator: 'format' }] },
    ],
    [
      { data: { 'a/b': { '~': 'x' } }, schema: { properties: { 'a/b': { properties: { '~': { type: 'null' } } } } } },
      { errors: [{ path: ['a/b', '~'] }] },
    ],
    [
      {
        data: [1, 2],
        schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ const: 1 }, { const: 3 }] },
      },
      { valid: false, errors: [{ row: 2, path: [1] }] },
    ],
    [
      { data: 'x', schema: { enum: ['a', 'b'] } },
      { errors: [{ message: 'the value: Instance does not match any of ["a","b"]' }] },
    ],
  ])('%j', async (input, result) => {
    expect(await run('validate', input)).toMatchObject(result)
  })

  const nested = (depth: number): object => (depth === 0 ? {} : { not: nested(depth - 1) })
  const tangle = {
    $defs: {
      a: { anyOf: [0, 1].map(() => ({ properties: { x: { $ref: '#/$defs/a' } } })), additionalProperties: false },
    },
    $ref: '#/$defs/a',
  }
  const deep = (depth: number): object => (depth === 0 ? { y: 1 } : { x: deep(depth - 1) })

  test.each<[what: string, input: { readonly [name: string]: unknown }, message: RegExp]>([
    ['a type that is none', { data: 1, schema: { type: 'strin' } }, /there is no type "strin"/],
    ['a reference to nowhere', { data: 1, schema: { $ref: '#/$defs/x' } }, /^schema: Unresolved \$ref/],
    [
      'a reference to the network',
      { data: 1, schema: { $ref: 'http://127.0.0.1/x.json' } },
      /^schema: Unresolved \$ref/,
    ],
    ['a pattern that is none', { data: 'x', schema: { pattern: '(' } }, /^schema: Invalid regular expression/],
    ['a schema that is too deep', { data: 1, schema: nested(70) }, /^schema: it has more than 64 levels/],
    ['a schema that is too large', { data: 1, schema: { enum: Array(10_001).fill(1) } }, /more than 10000 parts/],
    ['a pattern without an end', { data: `${'a'.repeat(40)}b`, schema: { pattern: '^(a+)+$' } }, /exceeds its limits/],
    ['a tangle of references', { data: deep(40), schema: tangle }, /exceeds its limits/],
    ['CSV that is none', { data: 'a,b\n"x', schema: {} }, /line 2 of the CSV/],
  ])('refuses %s', async (_what, input, message) => {
    await expect(run('validate', input)).rejects.toThrow(message)
  })

  test('tells at most a thousand faults, and of much data one for each row', async () => {
    const schema = { properties: { a: { type: 'string' }, b: { type: 'string' } } }
    const few = await run('validate', { data: Array(10).fill({ a: 1, b: 1 }), schema })
    expect(few.errors).toHaveLength(20)
    const many = await run('validate', {
      data: Array(50_000).fill({ a: 1, b: 1 }),
      schema: { ...schema, x: Array(20).fill(1) },
    })
    expect(many).toMatchObject({ valid: false, rows_validated: 50_000 })
    expect(many.errors).toHaveLength(1000)
    expect((many.errors as { row: number }[]).at(-1)!.row).toBe(1000)
  })

  test('reads the cells of a long CSV as the types asked for', async () => {
    const data = `a,b\n${'1,2.5\n'.repeat(3000)}`
    const schema = { properties: { a: { type: 'integer' }, b: { type: 'number' } } }
    const { valid, data: rows } = await run('validate', { data, schema })
    expect([valid, (rows as object[]).at(-1)]).toEqual([true, { a: 1, b: 2.5 }])
  })
})

test('a pattern without an end and a tangle of references hold up nobody', async () => {
  const data = `${'a'.repeat(40)}b`
  const pause = await longestPause(async () => {
    await expect(run('validate', { data, schema: { pattern: '^(a+)+$' } })).rejects.toThrow(/exceeds its limits/)
    const list = Array.from({ length: 20_000 }, (_, n) => ({ n }))
    await expect(
      run('validate', { data: { list }, schema: { properties: { list: { uniqueItems: true } } } }),
    ).rejects.toThrow(/exceeds its limits/)
  })
  expect(pause).toBeLessThan(500)
})

test('an empty cell is none where a yes, a no or none is asked for', async () => {
  const input = { data: 'a,b\n1,\n2,yes\n', schema: { properties: { b: { type: ['boolean', 'null'] } } } }
  expect(await run('validate', input)).toMatchObject({ valid: true, data: [{ b: null }, { b: true }] })
})

test('a fault of a number beyond 2^53 names its digits', async () => {
  const schema = { properties: { id: { type: 'integer', minimum: 9007199254740994 } } }
  const { errors } = await run('validate', { data: '[{ "id": 9007199254740993 }]', schema })
  expect(errors).toMatchObject([{ message: 'id: 9007199254740993 is less than 9007199254740994', row: 1 }])
})

test('the name of another file is checked only as the text that the schema describes', async () => {
  const named = (schema: object) => run('validate', { data: 'rows.jsonl', schema })
  expect(await named({ type: 'string' })).toMatchObject({ valid: true, data: 'rows.jsonl' })
  expect(await named({ format: 'file-path' })).toMatchObject({ valid: true })
  for (const schema of [PERSON, { required: ['id'] }, { type: 'array' }])
    await expect(named(schema)).rejects.toThrow('got the name of a .jsonl file')
  await expect(run('infer_schema', { data: 'rows.jsonl' })).rejects.toThrow('got the name of a .jsonl file')
})

describe('infer_schema', () => {
  test.each<[data: unknown, type: string, schema: object]>([
    [1, 'integer', { type: 'integer' }],
    [null, 'null', { type: 'null' }],
    [[], 'array', { type: 'array', items: {} }],
    [[1, 2.5], 'array', { type: 'array', items: { type: 'number' } }],
    [
      [
        { a: 1, at: '2024-01-02', mail: 'a@b.de' },
        { a: null, at: '2024-02-03' },
      ],
      'array',
      {
        items: {
          type: 'object',
          properties: {
            a: { type: ['integer', 'null'] },
            at: { type: 'string', format: 'date' },
            mail: { format: 'email' },
          },
          required: ['a', 'at'],
        },
      },
    ],
    ['a,b\n1,x\n', 'array', { items: { properties: { a: { type: 'string' } } } }],
    ['{"u": "https://example.org/"}', 'object', { properties: { u: { format: 'uri' } } }],
  ])('of %j', async (data, data_type, schema) => {
    const result = await run('infer_schema', { data })
    expect(result).toMatchObject({ data_type, schema })
    expect(await run('validate', { data, schema: result.schema })).toMatchObject({ valid: true, warnings: [] })
  })
})

test('the schema of maps that have no key in common is made in proportion to their number', async () => {
  const items = Array.from({ length: 8000 }, (_, n) => ({ [`k${n}`]: n }))
  const before = process.cpuUsage()
  await run('infer_schema', { data: { items } })
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2)
})
