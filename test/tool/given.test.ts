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
