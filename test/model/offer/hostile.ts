import type { Json } from '../../../src/kernel/schema.ts'
import { fc } from '../../property.ts'

/** Names that one provider or another refuses, next to names that all take. */
const NAMES = [
  ...['a', 'b.c', 'plain_name', 'StartTime<', 'kinds[]', 'größe', '名前', 'a b', '', ' ', '$', '@id', '\ud83d\ude00'],
  ...['__proto__', 'constructor', 'x'.repeat(64), 'x'.repeat(65), `${'y'.repeat(70)}1`, `${'y'.repeat(70)}2`],
]
const KEYWORDS: { readonly [keyword: string]: readonly unknown[] } = {
  type: ['object', 'array', 'string', 'String', 'int', 'any', 'foo', ['string', 'null'], ['string', 'string'], [], 5],
  minimum: [0, '0', null, 'x', {}],
  maximum: [9, '9.5', '9223372036854775807', false],
  exclusiveMinimum: [true, false, 3, '3', null],
  exclusiveMaximum: [true, false, 7, [], ''],
  multipleOf: [0, -1, 0.5, '2', null],
  minLength: [-1, 1, '1', 1.5, null],
  maxLength: [null, 5, '5', -2],
  minItems: [0, null, '1'],
  maxItems: [3, 'many'],
  uniqueItems: [true, 'true', 1, null],
  pattern: ['^a$', '(', '(?i)a', 5, null],
  format: ['date-time', 'x-own', 5, null],
  title: ['Title', 5, null, {}],
  description: ['Words.', 5, true, null, ['a']],
  default: [1, 'a', null, { 'StartTime<': { größe: 1 } }],
  enum: [[], ['a', 'a'], ['', 1, null], 'a', [{ 'kinds[]': 1 }]],
  required: [['a', 'a'], ['StartTime<', 'größe'], 'a', true, false, ['a', 5], null],
  dependentRequired: [{ 'kinds[]': ['größe', 'größe'] }, { a: 'b' }, [], null],
  dependencies: [{ 'kinds[]': ['größe'] }, { a: { required: ['b'] } }, 5],
  $ref: ['#', '#/$defs/A', '#/definitions/List%3CA%3E', '#/properties/a', '#/nowhere', 'https://x.test/y', 5, null],
  $id: ['https://x.test/own', '#x', 5],
  $schema: ['http://json-schema.org/draft-04/schema#', 5],
  $anchor: ['a b'],
  const: [1, null, { größe: 1 }],
  examples: [[1], 5, null],
  deprecated: [true, 'yes', null],
  nullable: [true],
  divisibleBy: [2, 0],
  additionalItems: [false, {}, null],
  'x-own': [{ any: [1] }],
}
const INSIDE = ['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

const schemas = fc.letrec<{ schema: unknown; any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: false },
    fc.constantFrom(null, true, false, 5, 'text', []),
    tie('schema'),
    tie('schema'),
  ),
  schema: fc
    .tuple(
      fc.array(
        fc
          .constantFrom(...Object.entries(KEYWORDS))
          .chain(([key, values]) => fc.constantFrom(...values.map((value) => [key, value] as const))),
        { maxLength: 4 },
      ),
      fc.array(fc.tuple(fc.constantFrom(...INSIDE), tie('any')), { maxLength: 2 }),
      fc.array(fc.tuple(fc.constantFrom(...LISTS), fc.array(tie('any'), { maxLength: 2 })), { maxLength: 1 }),
      fc.array(
        fc.tuple(
          fc.constantFrom(...MAPS),
          fc.array(fc.tuple(fc.constantFrom(...NAMES), tie('any')), { maxLength: 4 }).map(Object.fromEntries),
        ),
        { maxLength: 2 },
      ),
    )
    .map((parts) => Object.fromEntries(parts.flat() as [string, unknown][])),
}))

/** Schemas of tools as strangers may write them: of older drafts, wrong, odd, and with names that providers refuse. */
export function hostileSchemas(count: number, seed: number): readonly Json[] {
  const properties = fc.array(fc.tuple(fc.constantFrom(...NAMES), schemas.any), { minLength: 1, maxLength: 6 })
  const top = fc.tuple(schemas.schema, properties).map(([schema, own]) => ({
    ...(schema as object),
    type: 'object',
    properties: Object.fromEntries(own),
    definitions: { 'List<A>': { type: 'array', items: { $ref: '#/properties/a' } } },
  }))
  return fc.sample(fc.oneof({ weight: 9, arbitrary: top }, { weight: 1, arbitrary: schemas.any }), {
    numRuns: count,
    seed,
  }) as Json[]
}
