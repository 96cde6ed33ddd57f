import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parse } from '../../src/kernel/schema.ts'

const schema = z.object({ steps: z.array(z.object({ name: z.string() })).default([]) })

describe('parse', () => {
  it('gives what the schema makes of its input', async () => {
    expect(await parse(schema, {})).toEqual({ steps: [] })
  })

  it('names the first wrong field by its path', async () => {
    const wrong = parse(schema, { steps: [{ name: 'a' }, { name: 1 }] }, 'pipeline')
    await expect(wrong).rejects.toMatchObject({
      name: 'InvalidError',
      code: 'invalid_input',
      message: expect.stringContaining('pipeline.steps.1.name: '),
      place: { path: 'steps.1.name' },
    })
  })

  it('names the types of which a value may have one', async () => {
    const either = z.object({ pipeline: z.union([z.string(), z.record(z.string(), z.json())]) })
    await expect(parse(either, { pipeline: 1 }, 'parameters')).rejects.toMatchObject({
      message: 'parameters.pipeline: expected a string or a map, got a number',
    })
  })

  it.each<[string, unknown, string]>([
    ['a list in the place of a map', { criteria: ['a'] }, 'parameters.criteria: expected a map, got a list'],
    ['nothing', {}, 'parameters.criteria: it is missing, expected a map'],
    ['a text, which may be a secret', { criteria: 'key-1' }, 'parameters.criteria: expected a map, got a string'],
  ])('says what it expected and what it found for %s', async (_, given, message) => {
    const taken = z.object({ criteria: z.record(z.string(), z.json()) })
    await expect(parse(taken, given, 'parameters')).rejects.toMatchObject({ message })
  })

  it('names the whole when the whole is wrong', async () => {
    await expect(parse(schema, 'text', 'pipeline')).rejects.toMatchObject({
      message: expect.stringMatching(/^pipeline: /),
    })
  })

  const LIBRARY_WORDS = /Invalid|received|Too (?:small|big)|Unrecognized|[<>]=/

  it.each<[z.ZodType, unknown, string]>([
    [z.enum(['left', 'right']), 'up', 'expected one of left, right'],
    [z.enum(['left', 'right']), 1, 'expected one of left, right, got a number'],
    [z.enum(['left', 'right']), undefined, 'it is missing, expected one of left, right'],
    [z.literal(7), 8, 'expected 7'],
    [z.string().min(1), '', 'expected a text that is not empty'],
    [z.string().min(2), 'a', 'expected at least 2 characters'],
    [z.string().max(1), 'ab', 'expected at most 1 character'],
    [z.string().length(3), 'ab', 'expected exactly 3 characters'],
    [z.array(z.json()).min(1), [], 'expected a list that is not empty'],
    [z.array(z.json()).max(2), [1, 2, 3], 'expected at most 2 items'],
    [z.number().min(0), -1, 'expected a number of 0 or more'],
    [z.number().lt(5), 5, 'expected a number below 5'],
    [z.int(), 1.5, 'expected a whole number, got a number'],
    [z.number().multipleOf(5), 7, 'expected a multiple of 5'],
    [z.boolean(), 'yes', 'expected true or false, got a string'],
    [z.url(), 'here', 'expected a URL'],
    [z.email(), 'me', 'expected an email address'],
    [z.iso.date(), 'today', 'expected a date such as 2026-01-31'],
    [z.uuid(), 'x', 'expected a UUID'],
    [z.string().regex(/^a+$/), 'b', 'expected a text that matches /^a+$/'],
    [z.string().startsWith('a'), 'b', 'expected a text that begins with "a"'],
    [z.null(), 1, 'expected nothing, got a number'],
    [z.never(), 1, 'expected nothing, got a number'],
    [z.date(), 1, 'expected a date, got a number'],
    [z.string().refine(() => false), 'x', 'it does not fit'],
    [z.string().refine(() => false, 'expected a word'), 'x', 'expected a word'],
    [z.string().regex(/^a+$/, 'Invalid word'), 'b', 'Invalid word'],
    [z.union([z.string(), z.number()]), true, 'expected a string or a number, got true or false'],
    [
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]),
      {},
      'it is missing, expected one of a, b',
    ],
    [z.xor([z.string(), z.string().min(1)]), 'x', 'it fits several forms, expected one'],
    [z.strictObject({}), { more: 1 }, 'the key is unknown'],
    [z.record(z.string().max(1), z.json()), { long: 1 }, 'expected at most 1 character'],
    [z.set(z.string()), [], 'expected a set, got a list'],
    [z.fromJSONSchema({ type: 'object', required: ['a'], properties: { a: {} } }), {}, 'it is missing'],
  ])('words a fault in plain words: case %#', async (schema, given, words) => {
    const error = (await Promise.resolve(parse(schema, given)).then(
      () => undefined,
      (one: Error) => one,
    ))!
    expect(error.message.replace(/^value(?:\.\w+)?: /, '')).toBe(words)
    if (words !== 'Invalid word') expect(error.message).not.toMatch(LIBRARY_WORDS)
  })
})
