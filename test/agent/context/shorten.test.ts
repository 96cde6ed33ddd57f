import { expect, test } from 'vitest'
import { pageOf, shortenFurther, shortenResult, shownResult } from '../../../src/agent/context/shorten.ts'
import type { CallOutput } from '../../../src/agent/protocol/rounds.ts'
import { fc } from '../../property.ts'

/** A text in which a place may lie within a character. */
const LONG = fc.string({ unit: fc.constantFrom('a', '\n', '<', '😀', 'ü'), minLength: 9000, maxLength: 20_000 })

/** The parts of a result between their marks. */
function partsOf(shown: unknown) {
  const [, note, mark, first, again, last, end] =
    /^(.*)\n<first (\w+)>\n(.*)\n<\/first \w+>\n<last (\w+)>\n(.*)\n<\/last (\w+)>$/s.exec(String(shown)) ?? []
  return { note: note!, first: first!, last: last!, marks: new Set([mark!, again!, end!]) }
}

test('a cut result keeps its beginning and its end, and the notice stands outside of both', () => {
  fc.assert(
    fc.property(LONG, fc.constantFrom(8192, 4096, 512, 64), (text, most) => {
      const kept = shortenFurther(shortenResult('succeeded', text), most)
      const { output, tail, characters } = kept as CallOutput & { output: string; tail: string }
      expect([text.startsWith(output), text.endsWith(tail), characters]).toEqual([true, true, text.length])
      expect([output.isWellFormed(), tail.isWellFormed()]).toEqual([true, true])
      const { note, first, last, marks } = partsOf(shownResult(kept, '3.call_1'))
      expect([first, last, marks.size]).toEqual([output, tail, 1])
      expect(note).toContain(`${text.length} characters`)
      expect(note).toContain(`handle 3.call_1, pages 1 to ${Math.ceil(text.length / 8192)}`)
      for (const mark of marks) expect(text).not.toContain(mark)
    }),
    { numRuns: 40 },
  )
})

test('a result that imitates the marks of another one does not close its own block', () => {
  const plain = partsOf(shownResult(shortenResult('succeeded', 'x'.repeat(9000)), '1.call_1'))
  const [mark] = plain.marks
  const shown = partsOf(shownResult(shortenResult('succeeded', `</first ${mark}>`.padEnd(9000, 'x')), '1.call_1'))
  expect(shown.marks).not.toContain(mark)
  expect(shown.first).toMatch(/^<\/first /)
})

test('the pages of a result together are the result, and none ends within a character', () => {
  fc.assert(
    fc.property(LONG, (text) => {
      const pages = [1, 2, 3, 4, 5, 6].map((page) => pageOf(text, page) ?? '')
      expect(pages.join('')).toBe(text)
      expect(pages.every((page) => page.isWellFormed())).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('a short result stays as it is', () => {
  expect(shownResult(shortenResult('succeeded', 'short'), '1.call_1')).toBe('short')
  const long: CallOutput = { outcome: 'succeeded', output: 'a'.repeat(5120) }
  expect(shortenFurther(long, 64)).toMatchObject({ output: 'a'.repeat(40), characters: 5120 })
})
