import { expect, test } from 'vitest'
import { z } from 'zod'
import { z as zod3 } from 'zod/v3'
import { defineAgent } from '../../src/agent/definition/define-agent.ts'
import { defineTool, type Tool } from '../../src/tool/tool.ts'

const refund = (keys: object) =>
  defineTool({
    name: 'refund',
    description: 'Pays an order back',
    effect: 'pure',
    input: z.object({ order: z.string() }),
    execute: () => null,
    ...keys,
  } as Tool)

test.each<[what: string, keys: object, path: string, message: string, hint: string]>([
  ['parameters for input', { parameters: z.object({}), input: undefined }, 'parameters', 'is unknown', 'mean input?'],
  ['a misspelt key', { exeucte: 1 }, 'exeucte', 'is unknown', 'mean execute?'],
  ['no input', { input: undefined }, 'input', 'is not a schema', 'z.object'],
  ['a plain object', { input: { order: 'string' } }, 'input', 'got a plain object', 'z.object'],
  ['zod 3', { input: zod3.object({ order: zod3.string() }) }, 'input', 'got one of zod 3', 'zod 4'],
  ['a date', { input: z.object({ at: z.date() }) }, 'input.at', '`z.date()` has no form in JSON', 'z.iso'],
  [
    'a map',
    { input: z.object({ of: z.array(z.object({ all: z.map(z.string(), z.any()) })) }) },
    'input.of.all',
    'z.map',
    '',
  ],
  ['a bigint', { input: z.object({ id: z.union([z.string(), z.bigint()]).optional() }) }, 'input.id', 'z.bigint', ''],
  ['a set in a lazy schema', { input: z.object({ tags: z.lazy(() => z.set(z.string())) }) }, 'input.tags', 'z.set', ''],
  ['a result without JSON', { output: z.object({ at: z.date() }) }, 'output.at', 'z.date', ''],
])('refuses %s, with the name of the tool and the place', (_, keys, path, message, hint) => {
  expect(() => refund(keys)).toThrow(
    expect.objectContaining({
      code: 'invalid_tool',
      place: { path },
      message: expect.stringMatching(new RegExp(`^the tool refund: .*${message.replace(/[().]/g, '\\$&')}`)),
      ...(hint !== '' && { hint: expect.stringContaining(hint) }),
    }),
  )
})

test('refuses a tool that does nothing', () => {
  expect(() => refund({ execute: async function* () {} })).toThrow('the tool refund: `execute` is a generator')
  expect(() => refund({ execute: undefined })).toThrow('the tool refund: `execute` is not a function: it is missing')
  expect(() => defineTool(undefined as never)).toThrow('not a tool')
})

test('takes what makes other values from JSON', () => {
  const at = z.codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  })
  const made = z.iso.date().transform((text) => new Date(text))
  expect(refund({ input: z.object({ at, made, later: z.coerce.date() }) }).name).toBe('refund')
})

test('defineAgent refuses an output without a form in JSON', () => {
  const agent = (output: never) => () => defineAgent({ name: 'clerk', instructions: 'You help.', output })
  expect(agent(z.object({ at: z.date() }) as never)).toThrow('z.date()')
  expect(agent(zod3.object({ at: zod3.string() }) as never)).toThrow('zod 4')
})
