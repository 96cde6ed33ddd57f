import { expect, test } from 'vitest'
import { getOrInsert } from '../../../src/lib/collections/get-or-insert.ts'

test('getOrInsert() makes the value of a key once', () => {
  const made: string[] = []
  const lengths = new Map<string, number>()
  const lengthOf = (key: string) => getOrInsert(lengths, key, (word) => made.push(word) && word.length)
  expect([lengthOf('one'), lengthOf('three'), lengthOf('one')]).toEqual([3, 5, 3])
  expect(made).toEqual(['one', 'three'])
})
