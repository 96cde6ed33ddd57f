import { expect, test } from 'vitest'
import { fieldAt, fieldsOf, inputOf, inputsIn } from '../../ui/start/fields.ts'

const SCHEMA = {
  type: 'object',
  required: ['ship', 'guests', 'tags'],
  properties: {
    ship: { type: 'string', description: 'its name' },
    letter: { type: 'string', maxLength: 5000 },
    guests: { type: 'integer', default: 12 },
    depth: { type: 'number' },
    lunch: { type: 'boolean' },
    route: { enum: ['coast', 'islands'], default: 'coast' },
    tags: { type: 'array' },
  },
}

test('a schema of an object makes fields, any other one makes none', () => {
  const fields = fieldsOf(SCHEMA)!
  expect(fields.map(({ name, type, isRequired, given }) => [name, type, isRequired, given])).toEqual([
    ['ship', 'text', true, ''],
    ['letter', 'long', false, ''],
    ['guests', 'integer', false, '12'],
    ['depth', 'number', false, ''],
    ['lunch', 'boolean', false, ''],
    ['route', 'choice', false, 'coast'],
    ['tags', 'json', true, ''],
  ])
  expect(fieldsOf({ type: 'string' })).toBeUndefined()
  expect(fieldsOf(undefined)).toBeUndefined()
})

test('a field is secret if its schema says so, or if a part of it does', () => {
  const key = { type: 'string', format: 'password' }
  const properties = { key, pin: { type: 'string', writeOnly: true, maxLength: 500 }, login: { properties: { key } } }
  const fields = fieldsOf({ properties: { ...properties, ...SCHEMA.properties } })!
  expect(fields.flatMap(({ name, type, isSecret }) => (isSecret ? [[name, type]] : []))).toEqual([
    ['key', 'text'],
    ['pin', 'text'],
    ['login', 'json'],
  ])
})

test('the texts of a form make an input, or say at which field they are wrong', () => {
  const fields = fieldsOf(SCHEMA)!
  expect(inputOf(fields, { ship: 'Anna', depth: '2.5', lunch: 'true', tags: '["a"]' })).toEqual({
    input: { ship: 'Anna', guests: 12, depth: 2.5, lunch: true, route: 'coast', tags: ['a'] },
    wrong: {},
  })
  expect(inputOf(fields, { guests: '1.5', depth: 'deep', tags: '[' })).toEqual({
    input: { route: 'coast' },
    wrong: {
      ship: 'A value is expected.',
      guests: 'A whole number is expected.',
      depth: 'A number is expected.',
      tags: 'JSON is expected, such as ["a", "b"] or {"a": 1}.',
    },
  })
})

test('blanks are left out where they are no value', () => {
  const blank = Object.fromEntries(Object.keys(SCHEMA.properties).map((name) => [name, ' ']))
  expect(inputOf(fieldsOf(SCHEMA)!, { ...blank, tags: '[]' })).toEqual({
    input: { ship: ' ', letter: ' ', tags: [] },
    wrong: {},
  })
  expect(['', ' ', '{"a": 1}', '[1]', 'null', '{'].map(inputsIn)).toEqual([
    ...[{}, {}, { a: 1 }, undefined, undefined, undefined],
  ])
})

test('a refusal names its field, of a pipeline and of a workflow', () => {
  const fields = [{ name: 'ship' }, { name: 'inputs' }]
  expect(
    ['inputs.ship', 'ship', 'ship.name', 'input.ship[0]', 'inputs', 'crew', ''].map((path) => fieldAt(path, fields)),
  ).toEqual([...['ship', 'ship', 'ship', 'ship', 'inputs', undefined, undefined]])
})
