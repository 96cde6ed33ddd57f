import { expect, test } from 'vitest'
import { fitItems, keepLast, neutralizeTags, outputBounds, toUnitInterval } from '../../../src/chain/protocol/bounds.ts'

test('a long text is cut between characters, and the number of lost characters is recorded', () => {
  const bounds = outputBounds()
  expect(bounds.text('a', 'short', 10)).toBe('short')
  expect(bounds.lacks).toEqual([])
  expect(bounds.text('the draft', 'x'.repeat(100), 50)).toBe('x'.repeat(50))
  expect(bounds.text('b', '🌙'.repeat(50), 51)).toBe('🌙'.repeat(25))
  expect(bounds.items('gaps', ['aaaa', 'b', 'cc'], 14, (gap) => gap.slice(0, 3))).toEqual(['aaa', 'b'])
  expect(bounds.lacks).toEqual([
    'the draft has 100 characters, and only the first 50 are kept',
    'b has 100 characters, and only the first 51 are kept',
    '1 of 3 gaps are kept whole',
  ])
})

test('items that fit, the first ones', () => {
  expect(fitItems(['aaa', 'bbb', 'ccc'], 15)).toEqual(['aaa', 'bbb'])
  expect(fitItems(['aaa'], 100)).toEqual(['aaa'])
  expect(
    JSON.stringify(
      fitItems(
        Array.from({ length: 99 }, (_, at) => ({ at })),
        200,
      ),
    ).length,
  ).toBeLessThanOrEqual(200)
})

test('the last ones of a list', () => {
  expect(keepLast([1, 2, 3], 2)).toEqual([2, 3])
})

test('a share lies between 0 and 1', () => {
  expect([
    toUnitInterval(0.5),
    toUnitInterval(7),
    toUnitInterval(-1),
    toUnitInterval(undefined, 0.3),
    toUnitInterval(Number.NaN),
  ]).toEqual([0.5, 1, 0, 0.3, 0])
})

test('tags are made harmless one character for one', () => {
  const text = '<vid>x</vid> <document name="v1"> < / action_instruction> <system> <question> <b> a < b'
  expect(neutralizeTags(text)).toBe(
    '‹vid>x‹/vid> ‹document name="v1"> ‹ / action_instruction> ‹system> ‹question> <b> a < b',
  )
})
