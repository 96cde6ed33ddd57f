import { describe, expect, it } from 'vitest'
import { acceptableSchema } from '../../../src/model/offer/tool-schema.ts'

/** A property as models get it, and the parts that they do not get. */
function mended(property: object, more: object = {}) {
  const found = acceptableSchema({ type: 'object', properties: { n: property }, ...more })
  if ('fault' in found) throw new Error(found.fault)
  const { properties, ...rest } = found.schema as { readonly properties: { readonly n: object } }
  return { n: properties.n, rest, lost: found.lost }
}

describe('keywords', () => {
  it.each<[object, object]>([
    [{ minimum: 0, exclusiveMinimum: true }, { exclusiveMinimum: 0 }],
    [{ maximum: '9', exclusiveMaximum: true }, { exclusiveMaximum: 9 }],
    [{ minimum: 1, exclusiveMinimum: false }, { minimum: 1 }],
    [
      { minimum: '0', maxLength: '5', uniqueItems: 'true' },
      { minimum: 0, maxLength: 5, uniqueItems: true },
    ],
    [{ maximum: '9223372036854775807' }, { maximum: 2 ** 63 }],
    [
      { description: 5, title: true },
      { description: '5', title: 'true' },
    ],
    [{ description: null, title: null }, {}],
    [{ type: 'String' }, { type: 'string' }],
    [{ type: ['int', 'null', 'integer'] }, { type: ['integer', 'null'] }],
    [{ type: 'any' }, {}],
    [{ enum: ['a', 'b', 'a'] }, { enum: ['a', 'b'] }],
    [{ divisibleBy: 2 }, { multipleOf: 2 }],
    [{ $schema: 'http://json-schema.org/draft-04/schema#', $id: 'x' }, {}],
    [
      { type: 'object', properties: { a: { required: true }, b: { required: false } }, required: ['c', 'c'] },
      { type: 'object', properties: { a: {}, b: {}, c: {} }, required: ['c', 'a'] },
    ],
    [
      { type: 'array', items: [{ type: 'string' }, {}], additionalItems: false },
      { type: 'array', prefixItems: [{ type: 'string' }, {}], items: {}, maxItems: 2 },
    ],
    [
      { dependencies: { a: ['b'], c: { minProperties: '1' } } },
      { dependentRequired: { a: ['b'] }, dependentSchemas: { c: { minProperties: 1 } } },
    ],
  ])('%j becomes %j, and nothing is lost', (given, expected) => {
    expect(mended(given)).toMatchObject({ n: expected, lost: [] })
    expect(Object.keys(mended(given).n).toSorted()).toEqual(Object.keys(expected).toSorted())
  })

  it.each<[object, object, string[]]>([
    [{ multipleOf: 0 }, {}, ['multipleOf']],
    [{ maxLength: null, minLength: -1 }, {}, ['maxLength', 'minLength']],
    [{ minimum: 'low' }, {}, ['minimum']],
    [{ exclusiveMinimum: true }, {}, ['exclusiveMinimum']],
    [{ pattern: '(?i)a' }, {}, ['pattern']],
    [{ required: [5, 'a'] }, { required: ['a'] }, ['required']],
    [
      { patternProperties: { '(': {}, '^a': { type: 5 } } },
      { patternProperties: { '^a': {} } },
      ['patternProperties.^a.type', 'patternProperties.('],
    ],
    // half of a condition would forbid more
    [{ not: { minimum: 'x', maximum: 1 } }, {}, ['not']],
    [{ if: { maxLength: -1 }, else: { minLength: 1 } }, { else: { minLength: 1 } }, ['if']],
  ])('%j becomes %j, and %j is told', (given, expected, lost) => {
    const found = mended(given)
    expect(found.n).toMatchObject(expected)
    expect(found.lost.toSorted()).toEqual(lost.map((part) => `properties.n.${part}`).toSorted())
  })
})

describe('references', () => {
  it.each<[string, object, object]>([
    ['#/definitions/List%3CA%3E', { definitions: { 'List<A>': { type: 'array' } } }, { type: 'array', items: {} }],
    ['#/components/schemas/A', { components: { schemas: { A: { minimum: '1' } } } }, { minimum: 1 }],
    ['#/allOf/0', { allOf: [{ type: 'object', title: 5 }] }, { type: 'object', title: '5' }],
  ])('%s leads into the definitions of the schema', (reference, more, target) => {
    const { n, rest, lost } = mended({ $ref: reference }, more)
    const [[name, definition] = []] = Object.entries((rest as { readonly $defs: object }).$defs)
    expect(n).toEqual({ $ref: `#/$defs/${name}` })
    expect(name).toMatch(/^[\w.-]{1,64}$/)
    expect([definition, lost]).toEqual([target, []])
  })

  it('stand alone, since Google refuses keywords beside them', () => {
    const more = { $defs: { A: { type: 'string' } } }
    const $ref = '#/$defs/A'
    expect(mended({ $ref, title: 'T' }, more).n).toEqual({ title: 'T', anyOf: [{ $ref }] })
    const both = { $ref, anyOf: [{ minLength: 1 }], allOf: [{ maxLength: 2 }] }
    expect(mended(both, more).n).toEqual({ anyOf: [{ minLength: 1 }], allOf: [{ maxLength: 2 }, { $ref }] })
  })

  it('may lead into themselves, but not in a circle without a schema', () => {
    const tree = { type: 'object', properties: { next: { $ref: '#/$defs/tree' } } }
    expect(mended({ $ref: '#/$defs/tree' }, { $defs: { tree } }).rest).toEqual({ type: 'object', $defs: { tree } })
    expect(mended({ $ref: '#' })).toMatchObject({ n: { $ref: '#' }, lost: [] })
    const circle = { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }
    expect(mended({ $ref: '#/$defs/a' }, { $defs: circle })).toMatchObject({ n: {}, lost: ['properties.n.$ref'] })
    for (const $ref of ['#/nowhere', 'https://x.test/y', '#anchor', 5])
      expect(mended({ $ref })).toMatchObject({ n: {}, lost: ['properties.n.$ref'] })
  })

  it('do not end a request, however deep the schema is', () => {
    const deep = JSON.parse(`${'{"properties":{"a":'.repeat(5000)}{}${'}}'.repeat(5000)}`)
    const found = acceptableSchema(deep)
    expect('schema' in found && JSON.stringify(found.schema).length).toBeLessThan(2000)
    const long = JSON.parse(`{"default":${'['.repeat(5000)}${']'.repeat(5000)}}`)
    expect(mended(long)).toMatchObject({ n: {}, lost: ['properties.n.default'] })
  })
})
