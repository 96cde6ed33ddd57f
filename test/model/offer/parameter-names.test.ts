import { describe, expect, it } from 'vitest'
import { acceptableRounds } from '../../../src/model/call/acceptable-rounds.ts'
import { inSentNames, parameterNames, withNames } from '../../../src/model/offer/parameter-names.ts'
import { toolOptions } from '../../../src/model/offer/tool-offers.ts'
import { namesOfSchema } from '../../../src/model/offer/tool-schema.ts'
import type { JsonSchema } from '../../../src/model/prompt/task.ts'
import { fc } from '../../property.ts'

const offered = (schema: object) => {
  const { tools = [] } = toolOptions([{ name: 'look', description: 'Looks.', schema: schema as JsonSchema }])
  const [tool] = tools as readonly { readonly inputSchema: object; readonly description: string }[]
  const { sent } = namesOfSchema(schema)
  const of = (name: string) => sent.get(name)!
  return { ...tool!, of }
}

describe('names of parameters', () => {
  it('are other ones at every depth, and in all keywords that name parameters', () => {
    const text = { type: 'string' }
    const inner = { type: 'object', properties: { größe: text, b: text }, required: ['größe'] }
    const { inputSchema, description, of } = offered({
      type: 'object',
      properties: {
        'kinds[]': { type: 'array', items: inner },
        one: { anyOf: [inner, { $ref: '#/$defs/two' }] },
        map: { type: 'object', additionalProperties: inner, propertyNames: { enum: ['größe', 'b'] } },
      },
      $defs: { two: { ...inner, default: { größe: 'kinds[]' } } },
      required: ['kinds[]'],
      dependentRequired: { 'kinds[]': ['one', 'end<'] },
      dependentSchemas: { 'end<': { required: ['kinds[]'] } },
      anyOf: [{ required: ['kinds[]', 'one'] }, { required: ['end<'] }],
    })
    const own = { type: 'object', properties: { [of('größe')]: text, b: text }, required: [of('größe')] }
    expect(inputSchema).toMatchObject({
      properties: {
        [of('kinds[]')]: { items: own },
        one: { anyOf: [own, { $ref: '#/$defs/two' }] },
        map: { additionalProperties: own, propertyNames: { enum: [of('größe'), 'b'] } },
      },
      $defs: { two: { ...own, default: { [of('größe')]: 'kinds[]' } } },
      required: [of('kinds[]')],
      dependentRequired: { [of('kinds[]')]: ['one', of('end<')] },
      dependentSchemas: { [of('end<')]: { required: [of('kinds[]')] } },
    })
    expect(JSON.stringify(inputSchema).replace('"kinds[]"}', '')).not.toMatch(/kinds\[\]|größe|end</)
    expect(description).toBe(`Looks. It needs ${of('kinds[]')} with one, or ${of('end<')}.`)
  })

  it('stay as they are if every provider takes them, and so does the schema', () => {
    const schema = { type: 'object', properties: { 'a.b-c_1': { type: 'string' }, ['x'.repeat(64)]: {} } }
    expect(offered(schema).inputSchema).toEqual(schema)
  })

  it('come back as the own ones, whatever the parameters are', () => {
    const table = parameterNames({ properties: { 'a<': {}, 'a>': {}, ß: { properties: { 'a<': {} } } } })
    const value = fc.jsonValue({ maxDepth: 4 })
    const keyed = fc.dictionary(fc.constantFrom('a<', 'a>', 'ß', 'b'), value)
    fc.assert(
      fc.property(fc.array(keyed), (given) => {
        const sent = withNames(given as never, table.sent)
        expect(JSON.stringify(sent)).not.toMatch(/"(?:a<|a>|ß)":/)
        expect(withNames(sent, table.own)).toEqual(given)
      }),
    )
  })
})

describe('the words of a failure', () => {
  const names = parameterNames({ properties: { 'kinds[]': {}, größe: {}, '<': {}, 'kinds[].a': {} } })
  const of = (name: string) => names.sent.get(name)!

  it.each([
    ['parameters.kinds[].0: expected a text', `parameters.${of('kinds[]')}.0: expected a text`],
    ['parameters.kinds[].a: it is missing', `parameters.${of('kinds[].a')}: it is missing`],
    ['Give größe or "kinds[]".', `Give ${of('größe')} or "${of('kinds[]')}".`],
    ['parameters.<: expected a number', `parameters.${of('<')}: expected a number`],
    ['Übergröße, a < b', 'Übergröße, a < b'],
  ])('%s has the sent names', (words, expected) => {
    expect(inSentNames({ refused: words }, names)).toEqual({ refused: expected })
  })

  it('are changed in failed results alone', () => {
    const schema = { type: 'object', properties: { größe: {} } } as JsonSchema
    const tools = [{ name: 'look', description: '', schema }]
    const [name] = [...namesOfSchema(schema).sent.values()]
    const said = ['1', '2'].map((toolCallId) => ({
      type: 'tool-call' as const,
      ...{ toolCallId, toolName: 'look', input: { größe: 1 } },
    }))
    const results = [
      { id: '1', name: 'look', output: 'The größe is 1.' },
      { id: '2', name: 'look', output: { failed: 'größe: expected 2' }, failed: true as const },
    ]
    const [round] = acceptableRounds([{ said, results }], tools)
    expect(round!.said.map(({ input }) => input)).toEqual([{ [name!]: 1 }, { [name!]: 1 }])
    expect(round!.results.map(({ output }) => output)).toEqual(['The größe is 1.', { failed: `${name}: expected 2` }])
  })
})
