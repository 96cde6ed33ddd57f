import { describe, expect, it } from 'vitest'
import { isSmallCheck, measureSchema } from '../../../src/model/structured-output/schema-budget.ts'

describe('a schema is plain', () => {
  it.each([
    '^[a-z]+$',
    '^[A-Z]{2}-[0-9]{4}$',
    String.raw`^\d{4}-\d{2}-\d{2}$`,
    'abc',
    String.raw`^v\d\.\d*$`,
    '^[a-z0-9-]{1,63}$',
    '^.*$',
  ])('by the pattern %s', (pattern) => {
    expect(measureSchema({ pattern }).isPlain).toBe(true)
    expect(measureSchema({ patternProperties: { [pattern]: {} } }).isPlain).toBe(true)
  })

  it.each([
    '^(a+)+$',
    '[a-z]+$',
    '^a*b*$',
    '^a?b?$',
    '^(a|b)',
    String.raw`^(.)\1`,
    '^(?=a)',
    `^${'a{99}'.repeat(3)}`,
    '[a',
    'a{1000}',
  ])('not by the pattern %s', (pattern) => {
    expect(measureSchema({ pattern }).isPlain).toBe(false)
    expect(measureSchema({ patternProperties: { [pattern]: {} } }).isPlain).toBe(false)
  })

  it('not by what multiplies work', () => {
    expect(measureSchema({ items: { $ref: '#' } }).isPlain).toBe(false)
    expect(measureSchema({ uniqueItems: true }).isPlain).toBe(false)
    expect(measureSchema({ format: 'url' }).isPlain).toBe(false)
    expect(measureSchema({ format: 'email', properties: { pattern: { type: 'string' } } }).isPlain).toBe(true)
  })
})

it('refuses a schema that exceeds its budget', () => {
  const nested = (depth: number): object => (depth === 0 ? {} : { not: nested(depth - 1) })
  const refused = (schema: object) => expect(() => measureSchema(schema as { [key: string]: never }))
  refused({ enum: Array(10_001).fill(1) }).toThrow('schema: it has more than 10000 parts')
  refused(nested(65)).toThrow('schema: it has more than 64 levels')
  refused({ items: { pattern: 'a'.repeat(1001) } }).toThrow('schema: it has a pattern of more than 1000 characters')
})

it('calls a check small by the size of schema and data together', () => {
  const size = measureSchema({ properties: { a: { type: 'string' } } })
  expect(isSmallCheck(size, { a: 'x' })).toBe(true)
  expect(isSmallCheck(size, { a: 'x'.repeat(1_000_000) })).toBe(false)
  expect(isSmallCheck(size, Array(10_000).fill({ a: 'x' }))).toBe(false)
  expect(isSmallCheck(measureSchema({ pattern: '^(a+)+$' }), 'a')).toBe(false)
})
