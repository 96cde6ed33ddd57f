import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'
import { parseInput } from '../../../src/tool/input.ts'
import { checkOfServer } from '../../../src/tool/mcp/check-schema.ts'
import { mcpTools } from '../../../src/tool/mcp/tools.ts'
import { inputSchemaOf } from '../../../src/tool/schema.ts'
import { toolRequestSchema } from '../../../src/tool/tool-request.ts'
import { stdio } from './bench.ts'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more }) as unknown as Json

const LONG = '1098765432109876543'
const CONDITION: object = JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]}}')

function faults(schema: Json, value: Json): readonly string[] {
  const result = checkOfServer(schema)['~standard'].validate(value)
  if (result instanceof Promise) throw new TypeError('expected an answer at once')
  return (result.issues ?? []).map(({ path = [] }) => path.join('.'))
}

describe('the check of a call against the schema of its server', () => {
  const text = { type: 'string' }
  it.each<[string, Json, Json, readonly string[]]>([
    ['a reference to a property', object({ a: text, b: { $ref: '#/properties/a' } }), { b: 1 }, ['b']],
    ['definitions', object({ a: { $ref: '#/definitions/A' } }, { definitions: { A: text } }), { a: 1 }, ['a']],
    ['a bound of draft 4', object({ a: { type: 'number', minimum: 0, exclusiveMinimum: true } }), { a: 0 }, ['a']],
    ['a bound that is a text', object({ a: { type: 'number', minimum: '3' } }), { a: 2 }, ['a']],
    ['a name that is required in draft 3', object({ a: { type: 'string', required: true } }), {}, ['a']],
    [
      'keywords without a meaning are left to the server',
      object({
        a: { type: 'string', maxLength: null, minLength: -1 },
        b: { type: 'number', multipleOf: 0, maximum: {} },
      }),
      { a: 'x', b: 5 },
      [],
    ],
    ['a condition is left to the server', object({ a: text }, CONDITION), { a: 'x' }, []],
    ['the rest beside a condition', object({ a: text }, CONDITION), { a: 1 }, ['a']],
    ['the rest beside a part of an unknown type', object({ a: { type: 'odd' }, b: text }), { a: 1, b: 2 }, ['b']],
    [
      'a long id that may be absent',
      object({ id: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }),
      { id: LONG },
      [],
    ],
    ['a long id above a maximum', object({ id: { type: 'integer', maximum: 10 } }), { id: LONG }, ['id']],
    ['a long id beside a text', object({ id: { type: 'integer' }, code: text }), { id: LONG, code: LONG }, []],
    ['a pattern is left to the server', object({ a: { ...text, pattern: '^(a+)+$' } }), { a: 'b' }, []],
    [
      'names with a pattern of their own',
      object({}, { patternProperties: { '^x': text }, additionalProperties: false }),
      { xy: 'a' },
      [],
    ],
    ['an inherited name that is absent', object({ constructor: text, toString: text }), {}, []],
    [
      'an inherited name that is required',
      object({ constructor: text }, { required: ['constructor'] }),
      {},
      ['constructor'],
    ],
    ['a default that is not of its type', object({ a: { ...text, default: null } }), {}, []],
    ['a required field with a default', object({ a: { ...text, default: 'x' } }, { required: ['a'] }), {}, []],
    ['a whole number above 2^53', object({ a: { type: 'integer' } }), { a: 2 ** 60 }, []],
    ['its digits', object({ a: { type: 'integer' } }), { a: '1152921504606846976' }, []],
    [
      'a map as the only value',
      object({ a: { const: { x: 1 } }, b: { enum: [[1], 'b'] } }),
      { a: { x: 1 }, b: [1] },
      [],
    ],
    [
      'a reference to an anchor',
      object({ a: { $ref: '#A' } }, { $defs: { A: { $anchor: 'A', ...text } } }),
      { a: 'x' },
      [],
    ],
    [
      'what stands beside a reference',
      object({ a: { $ref: '#/$defs/A', type: 'null' } }, { $defs: { A: text } }),
      { a: 'x' },
      [],
    ],
    [
      'items after the first ones',
      object({ a: { prefixItems: [text], items: { type: 'number' } } }),
      { a: ['x', 1] },
      [],
    ],
    ['null where it is allowed', object({ a: { ...text, nullable: true } }), { a: null }, []],
    ['no value and no type', object({ a: { type: [], enum: [] } }), { a: 1 }, []],
    [
      'digits in one of several schemas',
      object({ a: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }),
      { a: '1152921504606846976' },
      [],
    ],
    [
      'a schema that holds itself',
      object({ t: { $ref: '#/$defs/T' } }, { $defs: { T: object({ l: { $ref: '#/$defs/T' }, v: text }) as object } }),
      { t: { l: { v: 1 } } },
      ['t.l.v'],
    ],
  ])('%s', (_, schema, value, wrong) => {
    expect(faults(schema, value)).toEqual(wrong)
  })
})

it('the tool of a pin shows the schema of its server, and gives a call as it was made', () => {
  const input = object(
    { a: { type: 'string', default: 'x', format: 'date', pattern: '^x' }, b: { $ref: '#/properties/a' } },
    { ...CONDITION, $schema: 'http://json-schema.org/draft-07/schema#' },
  )
  const [tool] = mcpTools({ srv: stdio('x') }, { srv: { go: { description: 'Goes', input } } }, [])
  expect(inputSchemaOf(tool!)).toEqual(input)
  expect(parseInput(tool!, { other: 1 })).toEqual({ other: 1 })
})

it('a model can call each tool of a server, whatever the server is called', () => {
  const pins = { 'a/b.c_D-1': { description: '', input: object({}) } }
  const names = ['filesystem', 'My_Server', 'a__b'].flatMap((server) =>
    mcpTools({ [server]: stdio('x') }, { [server]: pins }, ourTools).map(({ name }) => name),
  )
  expect(names).toEqual(['mcp__filesystem:a/b.c_D-1', 'My_Server:a/b.c_D-1', 'a__b:a/b.c_D-1'])
  for (const tool of names) expect(toolRequestSchema.parse({ tool })).toEqual({ tool })
})

it('a question of a server has the name of its tool here', async () => {
  const pins = { go: { description: '', input: object({}) } }
  const [tool] = mcpTools({ filesystem: stdio('x') }, { filesystem: pins }, ourTools)
  const asks = { requests: { q: { method: 'elicitation/create', params: { message: 'Which?' } } } }
  const call = async () => ({ content: [], structured: null, isError: false, asks })
  const services = { mcp: async () => ({ find: () => ({ call }) }) }
  const context = { services, signal: new AbortController().signal } as never
  await expect(tool!.execute({}, context)).rejects.toThrow('mcp__filesystem:go asks: Which?')
})
