import { expect, test } from 'vitest'
import { deriveId } from '../../src/kernel/commit.ts'

test('an id follows from its cause and its part: another when either is, the same when both are', () => {
  const pairs = ['message-1', 'message-2', 'message-12'].flatMap((cause) =>
    [0, 1, 2, 12, 'resume', 'timer:bell'].map((part) => [cause, part] as const),
  )
  const ids = pairs.map((pair) => deriveId(...pair))
  expect(new Set(ids).size).toBe(pairs.length)
  expect(pairs.map((pair) => deriveId(...pair))).toEqual(ids)
})
