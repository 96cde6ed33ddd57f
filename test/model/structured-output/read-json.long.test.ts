import { describe, expect, it } from 'vitest'
import { createObjectCheck } from '../../../src/model/structured-output/check-object.ts'
import { jsonIn } from '../../../src/model/structured-output/read-json.ts'
import { secondsFor } from '../../template/fixture.ts'

const valuesIn = (text: string) => jsonIn(text).map(({ value }) => value)

describe('JSON in a text of a model', () => {
  it.each([
    ['alone', '{"a": 1}'],
    ['after a mark of the byte order', '\ufeff{"a": 1}'],
    ['before a reference', '{"a": 1}\n\nReferences: [see below], {open'],
    ['in a sentence', 'Result: {"a": 1}. See [docs](https://example.org).'],
    ['after brackets of prose', 'Use {placeholders} as in [the docs]: {"a": 1}'],
    ['in a fence', 'Sure!\n```json\n{"a": 1}\n```\nSee [docs] for more.'],
    ['after thoughts', '<think>Let me see {"a": 9}</think>\n{"a": 1}'],
    ['before thoughts', '{"a": 1}\n<think>I said {"a": 9}</think>'],
    ['after thoughts without a beginning', 'It may be {"a": 9}.\n</think>\n{"a": 1}'],
    ['after thoughts in brackets', '[THINK]{"a": 9}[/THINK]{"a": 1}'],
    ['after broken JSON', 'Not {"a": 9, "b": {"c": 1},} but {"a": 1}'],
    ['as a text', '"{\\"a\\": 1}"'],
  ])('is found %s', (_, text) => {
    expect(valuesIn(text).at(-1)).toEqual({ a: 1 })
    expect(valuesIn(text).filter((value) => typeof value === 'object')).toHaveLength(1)
  })

  it('keeps brackets, fences and thoughts inside its texts', () => {
    const value = { a: '} ] <think>x</think>', b: 'use ```bash\nls\n``` here' }
    expect(valuesIn(`So: ${JSON.stringify(value)}!`)).toEqual([value])
  })

  it('is found several times, in order', () => {
    expect(valuesIn('Note [1]: {"a": 1} or {"a": 2}')).toEqual([[1], { a: 1 }, { a: 2 }])
  })

  it.each([
    '{"a": {"b": 1}, "c": "wit',
    '{\'a\': {"b": 1}}',
    '{a: {"b": 1}}',
    '{"a": {"b": 1}, "c": 2,}',
    '<think>{"a": 1}',
    'I am sorry.',
  ])('is not a part of other or unfinished JSON: %s', (text) => {
    expect(valuesIn(text)).toEqual([])
  })

  it('is looked for in a time that grows with the text, and not with its square', () => {
    for (const part of ['{ a ', '[', '{"a":1,}', '[x]']) {
      const secondsOf = (parts: number) => {
        const text = part.repeat(parts)
        return Math.min(...[1, 2, 3].map(() => secondsFor(() => jsonIn(text))))
      }
      // four times the text: 4 is linear, 16 is quadratic; a few milliseconds say nothing
      expect([part, secondsOf(40_000) < Math.max(0.05, secondsOf(10_000) * 10)]).toEqual([part, true])
    }
  })
})

describe('a check', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'integer' },
      note: { type: 'string' },
      kept: { type: ['string', 'null'] },
      rows: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
      either: { anyOf: [{ type: 'string' }, { type: 'object', properties: { b: { type: 'string' } } }] },
    },
    required: ['a'],
    additionalProperties: false,
  }

  it('takes the first value that fits', async () => {
    const check = await createObjectCheck(schema)
    expect(await check('[1] {"b": 2} {"a": 3} {"a": 4}')).toEqual({ object: { a: 3 } })
  })

  it('reads null for an optional field as absent, and keeps a null that is allowed', async () => {
    const check = await createObjectCheck(schema)
    const given = { a: 1, note: null, kept: null, rows: [{ id: null }, { id: 'x' }], either: { b: null }, other: null }
    expect(await check(JSON.stringify(given))).toEqual({
      object: { a: 1, kept: null, rows: [{}, { id: 'x' }], either: {} },
    })
  })

  it('says what is wrong where null stands for a required field', async () => {
    const check = await createObjectCheck(schema)
    expect(await check('{"a": null, "note": null}')).toMatchObject({ wrong: expect.stringMatching(/^a: /) })
  })
})
