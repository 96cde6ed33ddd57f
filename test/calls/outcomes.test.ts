import { expect, it } from 'vitest'
import { plainResult } from '../../src/calls/outcomes.ts'
import type { Json } from '../../src/kernel/schema.ts'

it.each<[string, Json, Json]>([
  ['a text of a server', { text: 'say "hi"', data: null, content: [] }, 'say "hi"'],
  ['structured content and the same as text', { text: '{ "a": 1 }', data: { a: 1 }, content: [] }, { a: 1 }],
  ['structured content alone', { text: '', data: [1], content: [] }, [1]],
  ['another text beside structured content', ...same({ text: 'one found', data: [1], content: [] })],
  ['other parts', ...same({ text: 'a', data: null, content: [{ type: 'image' }] })],
  ['further fields', ...same({ text: 'a', data: null, content: [], next: 'b' })],
  ['nothing', ...same({ text: '', data: null, content: [] })],
  ['a result of another tool', ...same({ text: 'a', size: 1 })],
])('a model gets %s once, and nothing gets lost', (_, result, shown) => {
  expect(plainResult(result)).toEqual(shown)
})

function same(result: Json): [Json, Json] {
  return [result, result]
}
