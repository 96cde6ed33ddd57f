import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseNumber, parseTextParameters } from '../../src/tool/parse-text.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { secondsFor } from '../template/fixture.ts'

const input = z.object({
  text: z.string(),
  count: z.number().default(1),
  whole: z.int(),
  on: z.boolean(),
  list: z.array(z.string()),
  map: z.record(z.string(), z.unknown()),
  either: z.union([z.string(), z.number()]),
  many: z.union([z.number(), z.array(z.number())]),
  mode: z.enum(['1', '2']),
  any: z.unknown(),
})
const tool = defineTool({ name: 'x', description: '', input, effect: 'pure', execute: () => null })

test.each([
  ['text', '30', '30'],
  ['count', ' 30 ', 30],
  ['count', '-1.5e2', -150],
  ['count', 'thirty', 'thirty'],
  ['count', '', ''],
  ['count', '1e999', '1e999'],
  ['whole', '7', 7],
  ['on', 'True', true],
  ['on', 'no', false],
  ['on', 'Off', false],
  ['on', '1', '1'],
  ['on', 'maybe', 'maybe'],
  ['list', '["a", "b"]', ['a', 'b']],
  ['list', '[a', '[a'],
  ['list', '{"a": 1}', '{"a": 1}'],
  ['map', '{"a": 1}', { a: 1 }],
  ['either', '30', '30'],
  ['many', '[1]', [1]],
  ['many', '2', 2],
  ['mode', '1', '1'],
  ['any', '1', '1'],
  ['other', '1', '1'],
  ['count', 3, 3],
  ['toString', '1', '1'],
])('a text given for %s: %j is read as %j', (name, given, read) => {
  expect(parseTextParameters(tool, { [name]: given })).toEqual({ [name]: read })
})

test('each of several texts is read as what its own field expects', () => {
  const given = { count: '1', text: '2', on: 'yes', other: null }
  expect(parseTextParameters(tool, given)).toEqual({ count: 1, text: '2', on: true, other: null })
  expect(given).toEqual({ count: '1', text: '2', on: 'yes', other: null })
})

test.each(['1'.repeat(30_000), `1${' '.repeat(30_000)}`, `1.${'0'.repeat(30_000)}`])(
  'a text that is not a number is reported at once, however long it is',
  (long) => {
    expect(secondsFor(() => expect(parseNumber(`${long}x`)).toBeUndefined())).toBeLessThan(0.5)
  },
)

test('a tool whose schema does not tell gets its texts as they are', () => {
  const plain = {
    ...tool,
    input: { '~standard': { version: 1, vendor: 'own', validate: () => ({ value: 1 }) } },
  } as const
  expect(parseTextParameters(plain, { count: '30' })).toEqual({ count: '30' })
})
