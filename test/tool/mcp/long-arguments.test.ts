import { expect, test } from 'vitest'
import { argumentsFor } from '../../../src/tool/mcp/check-schema.ts'

const schema = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    name: { type: ['string', 'integer'] },
    all: { type: 'array', items: { $ref: '#/$defs/id' } },
    maybe: { anyOf: [{ $ref: '#/$defs/id' }, { type: 'object', properties: { id: { $ref: '#/$defs/id' } } }] },
    map: { type: 'object', additionalProperties: { type: 'integer' } },
    pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
    self: { $ref: '#/properties/self' },
  },
  $defs: { id: { type: ['integer', 'null'] } },
}

test.each([
  [{ id: '1098765432109876543' }, '{"id":1098765432109876543}'],
  [{ id: '0012345678901234567890' }, '{"id":12345678901234567890}'],
  [{ id: '12' }, '{"id":"12"}'],
  [{ name: '1098765432109876543' }, '{"name":"1098765432109876543"}'],
  [{ all: ['-9007199254740993', null, 5] }, '{"all":[-9007199254740993,null,5]}'],
  [{ maybe: '1098765432109876543' }, '{"maybe":1098765432109876543}'],
  [{ maybe: { id: '1098765432109876543' } }, '{"maybe":{"id":1098765432109876543}}'],
  [{ map: { a: '1098765432109876543' } }, '{"map":{"a":1098765432109876543}}'],
  [{ pair: ['1098765432109876543', '1098765432109876543'] }, '{"pair":["1098765432109876543",1098765432109876543]}'],
  [{ self: '1098765432109876543' }, '{"self":"1098765432109876543"}'],
  [{ other: '1098765432109876543' }, '{"other":"1098765432109876543"}'],
])('a server gets a long number where its schema wants a number: %o', (input, sent) => {
  expect(JSON.stringify(argumentsFor(schema, input))).toBe(sent)
})
