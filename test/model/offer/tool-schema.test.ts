import { describe, expect, it } from 'vitest'
import { toolOptions } from '../../../src/model/offer/tool-offers.ts'
import { acceptableSchema } from '../../../src/model/offer/tool-schema.ts'
import type { JsonSchema } from '../../../src/model/prompt/task.ts'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'
import { anyInputSchemaOf } from '../../../src/tool/schema.ts'
import { fc } from '../../property.ts'
import { schemaFaults } from '../strict/openai.ts'

const text = { type: 'string' }
const of = (schema: unknown) => acceptableSchema(schema)
const NO_NAMES = { own: new Map(), sent: new Map() }

describe('the schema of a tool', () => {
  it.each<[unknown, object]>([
    [undefined, { type: 'object', properties: {} }],
    [{}, { type: 'object', properties: {} }],
    [true, { type: 'object', properties: {} }],
    [{ type: 'object' }, { type: 'object', properties: {} }],
    [{ properties: { a: text } }, { type: 'object', properties: { a: text } }],
    [
      { type: ['object', 'null'], properties: { a: text } },
      { type: 'object', properties: { a: text } },
    ],
    [
      { type: 'object', properties: { a: { type: 'array' } } },
      { type: 'object', properties: { a: { type: 'array', items: {} } } },
    ],
    [
      { $ref: '#/$defs/A', $defs: { A: { type: 'object', properties: { a: text } } } },
      { type: 'object', properties: { a: text } },
    ],
    [
      {
        allOf: [
          { type: 'object', properties: { a: text }, required: ['a'] },
          { properties: { b: text }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: text, b: text }, required: ['a', 'b'] },
    ],
  ])('of the form %j becomes %j, and nothing is lost', (given, schema) => {
    expect(of(given)).toEqual({ schema, names: NO_NAMES, lost: [] })
  })

  it('says in words which parameters it needs', () => {
    const anyOf = [{ required: ['data'] }, { required: ['path', 'format'] }]
    const schema = { type: 'object', properties: { data: text, path: text, format: text }, anyOf }
    expect(of(schema)).toMatchObject({ note: 'It needs data, or path with format.', lost: [] })
    const { tools } = toolOptions([{ name: 'load', description: 'Loads.', schema }])
    expect(tools).toMatchObject([{ description: 'Loads. It needs data, or path with format.' }])
  })

  it.each<[unknown, object, string[]]>([
    [
      {
        oneOf: [
          { type: 'object', properties: { a: text }, required: ['a', 'c'] },
          { properties: { b: text }, required: ['c'] },
        ],
      },
      { type: 'object', properties: { a: text, b: text, c: {} }, required: ['c'] },
      ['oneOf at its top'],
    ],
    [
      { type: 'object', properties: { a: 'text', b: true } },
      { properties: { a: {}, b: {} } },
      ['properties.a, which is not a schema'],
    ],
    [{ type: 'object', properties: ['a'] }, { properties: {} }, ['properties']],
    [{ type: 'object', properties: { a: { type: 'txt' } } }, { properties: { a: {} } }, ['properties.a.type']],
    [{ type: 'object', required: 'a' }, { properties: {} }, ['required']],
    [{ type: 'object', not: { required: ['a'] } }, { properties: {} }, ['not at its top']],
    [{ type: 'object', properties: { a: { enum: [] } } }, { properties: { a: {} } }, ['properties.a.enum']],
    ['text', { properties: {} }, ['it is not a JSON Schema']],
  ])('of the form %j becomes %j, without %j', (given, schema, lost) => {
    expect(of(given)).toMatchObject({ schema, lost })
  })

  it('keeps a condition at its top, and the parameters that only the condition names', () => {
    const given = JSON.parse(
      '{"properties":{"a":{}},"if":{"required":["a"]},"then":{"properties":{"b":{"type":"string"}}}}',
    )
    expect(of(given)).toMatchObject({ schema: { ...given, properties: { a: {}, b: text } }, lost: [] })
  })

  it.each(['string', 'array', ['string', 'null']])('leaves its tool out if its type is %j', (type) => {
    expect(of({ type })).toMatchObject({ fault: expect.stringContaining('not an object') })
    const odd = { name: 'odd', description: '', schema: { type } as JsonSchema }
    expect(toolOptions([odd], 'required')).toEqual({})
    expect(toolOptions([odd, { ...odd, name: 'good', schema: {} }]).tools).toMatchObject([{ name: 'good' }])
  })

  it('is one that providers take, for each built-in tool', () => {
    for (const tool of ourTools) {
      const acceptable = of(anyInputSchemaOf(tool))
      expect('schema' in acceptable && schemaFaults(acceptable.schema, tool.name)).toEqual([])
      expect(acceptable).toMatchObject({ lost: [] })
    }
  })

  it('is a fault or one that providers take, whatever it is', () => {
    const keywords = ['type', 'properties', 'anyOf', 'oneOf', 'allOf', 'items', '$ref', 'required', 'enum', '$defs']
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom('object', 'string', '#/$defs/a'),
        tie('schema'),
        fc.array(tie('any'), { maxLength: 3 }),
      ),
      schema: fc.dictionary(fc.constantFrom(...keywords, 'a'), tie('any'), { maxKeys: 5 }),
    })).any
    fc.assert(
      fc.property(value, (given) => {
        const acceptable = of(given)
        if ('schema' in acceptable) expect(schemaFaults(acceptable.schema, 'x')).toEqual([])
      }),
    )
  })
})

describe('tools', () => {
  const tool = (name: string) => ({ name, description: '', schema: {} })

  it('are 128 at most, and have names that providers take', () => {
    const many = Array.from({ length: 129 }, (_, n) => tool(`t${n}`))
    expect(() => toolOptions(many)).toThrow('There are 129 tools for one model call; at most 128 are allowed.')
    expect(toolOptions(many.slice(1)).tools).toHaveLength(128)
    expect(() => toolOptions([tool('a.b')])).toThrow(/^The tool a.b cannot be offered to a model: expected a name /)
    expect(() => toolOptions([tool('a'.repeat(65))])).toThrow(/cannot be offered/)
  })
})
