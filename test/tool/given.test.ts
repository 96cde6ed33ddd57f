import { expect, test } from 'vitest'
import { z } from 'zod'
import { dropUnusedNulls, parseInput } from '../../src/tool/input.ts'
import { defineTool } from '../../src/tool/tool.ts'

const input = z.object({
  text: z.string(),
  count: z.number().default(1),
  mode: z.enum(['a', 'b']).optional(),
  one: z.literal('x').optional(),
  either: z.union([z.string(), z.number()]).optional(),
  nullable: z.number().nullable().optional(),
  listed: z.literal(['a', null]).optional(),
  any: z.unknown().optional(),
})
const tool = defineTool({ name: 'x', description: '', input, effect: 'pure', execute: () => null })

test.each(['count', 'mode', 'one', 'either'])('%s: null is as if it were not given', (name) => {
  expect(dropUnusedNulls(tool, { text: 'a', [name]: null })).toEqual({ text: 'a' })
  expect(parseInput(tool, { text: 'a', [name]: null })).toEqual({ text: 'a', count: 1 })
})

test.each(['text', 'nullable', 'listed', 'any', 'other', 'toString'])('%s: null stays', (name) => {
  expect(dropUnusedNulls(tool, { [name]: null })).toEqual({ [name]: null })
})

test('a tool whose schema does not tell gets all as it is', () => {
  const validate = (value: unknown) => ({ value })
  const plain = { input: { '~standard': { version: 1, vendor: 'own', validate } } } as never
  expect(dropUnusedNulls(plain, { count: null })).toEqual({ count: null })
})

test('null inside a parameter is as if it were not given, where the schema says so', () => {
  const inner = z.object({ x: z.string().optional(), y: z.int().nullable(), more: z.unknown().optional() })
  const deep = z.object({ one: inner.optional(), list: z.array(inner).optional() })
  const nested = defineTool({ name: 'x', description: '', input: deep, effect: 'pure', execute: () => null })
  const given = { one: { x: null, y: null, more: null }, list: [{ x: null, y: 1 }] }
  expect(parseInput(nested, given)).toEqual({ one: { y: null, more: null }, list: [{ y: 1 }] })
  const same = { one: { x: 'a', y: 1 } }
  expect(dropUnusedNulls(nested, same)).toBe(same)
})

test('a long whole number for a number says what it is', () => {
  const whole = defineTool({
    name: 'x',
    description: '',
    input: z.object({ id: z.int() }),
    effect: 'pure',
    execute: () => null,
  })
  expect(() => parseInput(whole, { id: '1098765432109876543' })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('beyond 2^53') }),
  )
})
