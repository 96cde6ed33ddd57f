import { describe, expect, test } from 'vitest'
import { diffLines } from '../../ui/run/diff.ts'
import { promptIn } from '../../ui/run/prompt-in.ts'
import { linesOf, textsIn } from '../../ui/run/step-text.ts'
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

describe('the prompt of a step in the text of its pipeline', () => {
  const chosen = (text: string, line: number, endLine = line) => text.slice(...promptIn(text, { line, endLine }))

  test.each([
    [
      'a quoted text',
      'name: a\n  - parameters: { prompt: "Say \\"hi\\" to {{ who }}", model: b }',
      'Say \\"hi\\" to {{ who }}',
    ],
    ['a text with single quotes', "name: a\n  - parameters: { prompt: 'It''s {{ who }}' }", "It''s {{ who }}"],
    ['a plain text in a map', 'name: a\n  - parameters: { prompt: Weather in Kiel?, model: b }', 'Weather in Kiel?'],
  ])('is chosen: %s', (_, text, found) => {
    expect(chosen(text, 2)).toBe(found)
  })

  test('is chosen over all lines of a block, and not beyond its step', () => {
    const text = 'steps:\n  - id: a\n    prompt: |\n      One\n      Two\n    model: b\n  - id: c\n    prompt: other'
    expect(chosen(text, 2, 6)).toBe('One\n      Two')
    expect(chosen(text, 7, 8)).toBe('other')
    expect(chosen(text, 1)).toBe('')
  })

  test('a step in a loop has the lines of its text', () => {
    const text = 'steps:\n  - id: each\n    steps:\n      - id: write'
    const source = { language: 'pipeline' as const, text, steps: { 'each.write': { line: 4, endLine: 4 } } }
    expect(textsIn(source)('each_12_write')).toBe('      - id: write')
    expect(linesOf(source, 'write')).toBe(undefined)
  })
})
