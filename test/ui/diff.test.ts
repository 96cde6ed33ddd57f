import { expect, test } from 'vitest'
import { diffLines } from '../../ui/run/diff.ts'
import { fc } from '../property.ts'

test('only the lines that differ are marked', () => {
  expect(diffLines('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toEqual([
    { side: 'both', text: 'a' },
    { side: 'left', text: 'b' },
    { side: 'right', text: 'x' },
    { side: 'both', text: 'c' },
    { side: 'both', text: 'd' },
    { side: 'right', text: 'e' },
  ])
})

test('both texts can be read from the lines, and equal texts differ nowhere', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (left, right) => {
      const lines = diffLines(left, right)
      const of = (side: string) => lines.filter((line) => line.side === 'both' || line.side === side)
      expect(
        of('left')
          .map((line) => line.text)
          .join('\n'),
      ).toBe(left)
      expect(
        of('right')
          .map((line) => line.text)
          .join('\n'),
      ).toBe(right)
      expect(diffLines(left, left).every(({ side }) => side === 'both')).toBe(true)
    }),
  )
})
