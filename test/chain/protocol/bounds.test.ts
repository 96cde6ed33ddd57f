import { expect, test } from 'vitest'
import { clipWithNote, fitItems, keepLast, neutralizeTags, toUnitInterval } from '../../../src/chain/protocol/bounds.ts'

test('a long text is cut with a note, never inside a character', () => {
  expect(clipWithNote('short', 10)).toBe('short')
  expect(clipWithNote('x'.repeat(100), 50)).toBe(`${'x'.repeat(27)} […73 more characters]`)
  expect(clipWithNote('x'.repeat(2000), 50)).toBe(`${'x'.repeat(26)} […1974 more characters]`)
  expect(clipWithNote('🌙'.repeat(50), 51).isWellFormed()).toBe(true)
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
