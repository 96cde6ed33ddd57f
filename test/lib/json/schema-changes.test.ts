import { expect, test } from 'vitest'
import { z } from 'zod'
import { schemaChanges } from '../../../src/lib/json/schema-changes.ts'

const BEFORE = z.object({
  order: z.string(),
  cents: z.number(),
  note: z.string().optional(),
  to: z.object({ iban: z.string() }),
})
const schema = (one: z.ZodType) => z.toJSONSchema(one, { io: 'input' })

test.each([
  ['a required property', BEFORE.extend({ reason: z.string() }), ['+ reason (required)']],
  ['an optional property', BEFORE.extend({ reason: z.string().optional() }), ['+ reason (optional)']],
  ['a property less', BEFORE.omit({ cents: true }), ['- cents']],
  ['another type', BEFORE.extend({ order: z.number() }), ['order: string → number']],
  ['a property that became required', BEFORE.extend({ note: z.string() }), ['note: required']],
  ['a property that became optional', BEFORE.extend({ order: z.string().optional() }), ['order: optional']],
  [
    'a property deeper',
    BEFORE.extend({ to: z.object({ iban: z.string(), bic: z.string() }) }),
    ['+ to.bic (required)'],
  ],
  ['other rules of a property', BEFORE.extend({ order: z.string().max(9) }), ['order: other rules']],
  ['words', BEFORE.extend({ order: z.enum(['a', 'b']) }), ['order: string → "a" | "b"']],
  ['the same', BEFORE, []],
])('says what has changed: %s', (_, after, lines) => {
  expect(schemaChanges(schema(BEFORE), schema(after))).toEqual(lines)
})

test('says at most twelve changes', () => {
  const many = z.object(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`field${n}`, z.string()])))
  expect(schemaChanges(schema(z.object({})), schema(many))).toHaveLength(13)
  expect(schemaChanges(schema(z.object({})), schema(many)).at(-1)).toBe('8 more')
})

test('says that something has changed where there are no properties', () => {
  expect(schemaChanges({ type: 'object' }, { type: 'object', minProperties: 1 })).toEqual(['other rules'])
  expect(schemaChanges(undefined, { anyOf: [{ type: 'string' }, { type: 'null' }] })).toEqual(['any → string | null'])
})
