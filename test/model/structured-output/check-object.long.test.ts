import { describe, expect, it } from 'vitest'
import { createObjectCheck } from '../../../src/model/structured-output/check-object.ts'
import { besideOthers } from '../../chaos/killed.ts'
import { longestPause } from '../../pause.ts'
import { secondsFor } from '../../template/fixture.ts'

const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, born: { type: 'integer' } },
  required: ['name', 'born'],
}

describe('objectCheck', () => {
  it('reads JSON that fits', async () => {
    const check = await createObjectCheck(PERSON)
    expect(await check('{"name":"Ada","born":1815}')).toEqual({ object: { name: 'Ada', born: 1815 } })
  })

  it('finds the JSON in a fence or a sentence', async () => {
    const check = await createObjectCheck(PERSON)
    expect(await check('Here it is:\n```json\n{"name":"Ada","born":1815}\n```\nAnything else?')).toHaveProperty(
      'object.born',
      1815,
    )
  })

  it('names the field that does not fit', async () => {
    const check = await createObjectCheck(PERSON)
    expect(await check('{"name":"Ada","born":"then"}')).toEqual({ wrong: expect.stringMatching(/^born: /) })
  })

  it('says when it is not JSON at all', async () => {
    const check = await createObjectCheck(PERSON)
    expect(await check('Ada, 1815')).toEqual({ wrong: 'it is not JSON' })
  })

  it('tells soon that brackets without an end are no JSON', async () => {
    const check = await createObjectCheck(PERSON)
    const seconds = secondsFor(() => expect(check('['.repeat(100_000))).toEqual({ wrong: 'it is not JSON' }))
    expect(seconds).toBeLessThan(0.5)
    expect(await check('so } it is')).toEqual({ wrong: 'it is not JSON' })
  })

  it('refuses a schema it cannot check by', async () => {
    await expect(createObjectCheck({ $ref: 'https://example.org/person.json' })).rejects.toMatchObject({
      name: 'InvalidError',
    })
  })

  it('holds up nobody where a pattern takes exponential time', async () => {
    const check = await createObjectCheck({ type: 'string', pattern: '^(a+)+$' })
    expect(await check('"aaa"')).toEqual({ object: 'aaa' })
    const pause = await longestPause(async () => {
      await expect(check(`"${'a'.repeat(40)}b"`)).rejects.toMatchObject({ code: 'too_large', terminal: true })
    })
    expect(pause).toBeLessThan(besideOthers(500))
  })

  it('refuses a schema that exceeds its budget', async () => {
    await expect(createObjectCheck({ enum: Array(10_001).fill(1) })).rejects.toMatchObject({ code: 'too_large' })
  })

  it('makes the check of a schema once', async () => {
    let reads = 0
    const schema = {
      type: 'object',
      get properties() {
        reads++
        return { read: { type: 'boolean' } }
      },
    }
    await createObjectCheck(schema)
    reads = 0
    const check = await createObjectCheck(schema)
    // to see that it is the same
    expect(reads).toBe(1)
    expect(await check('{"read":"no"}')).toHaveProperty('wrong')
  })

  it('goes by what a schema says, also when it was changed', async () => {
    const schema = { type: 'integer' }
    expect(await (await createObjectCheck(schema))('[1]')).toHaveProperty('wrong')
    schema.type = 'array'
    expect(await (await createObjectCheck(schema))('[1]')).toHaveProperty('object')
  })
})

it('a long whole number is a number where the schema wants one, and a text elsewhere', async () => {
  const optional = { anyOf: [{ type: 'integer' }, { type: 'null' }] }
  const check = await createObjectCheck({
    type: 'object',
    properties: { id: { type: 'integer' }, code: { type: 'string' }, other: optional, note: { type: 'string' } },
    required: ['id'],
  })
  const long = '1098765432109876543'
  expect(await check(`{"id":${long},"code":"${long}","other":${long},"note":null}`)).toEqual({
    object: { id: long, code: long, other: long },
  })
  expect(await check(`{"id":"x${long}"}`)).toHaveProperty('wrong')
})
