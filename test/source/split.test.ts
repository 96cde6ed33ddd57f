import { expect, test } from 'vitest'
import { unitsOf } from '../../src/source/document.ts'
import { MAX_PASSAGE_LENGTH, passagesOf, splitUnits, textDocument } from '../../src/source/split.ts'
import { fc } from '../property.ts'

const words = fc.constantFrom('tide', 'Ebb', 'é', '🌊', '🧑‍🚀', '12', 'a-b', 'e.g.', 'end.', '“so”', '_', '漢字。')
const line = fc.oneof(
  { weight: 6, arbitrary: fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')) },
  { weight: 2, arbitrary: fc.constantFrom('# Notes', '## Notes', 'Notes\n=====', '```', '```ts', '---', '') },
  { weight: 2, arbitrary: fc.constantFrom('- one', '  2. two', '| a | b |', '| --- | --- |', '> quoted', '\tcode') },
  { weight: 1, arbitrary: fc.tuple(words, fc.nat({ max: 900 })).map(([word, times]) => word.repeat(times)) },
)
const lines = fc.array(line, { maxLength: 40 })
const names = fc.constantFrom('a.md', 'a.txt', 'a.ts', 'a.csv', 'a.log', 'a')

const splitText = (name: string, text: string) => passagesOf(textDocument(name, text))

const wordsOf = (text: string) => text.match(/[\p{L}\p{N}]/gu)?.join('') ?? ''

/** The lines that a locator names. */
function linesAt(text: string, locator: string): readonly string[] {
  const [, first, last = first] = /^L(\d+)(?:-L(\d+))?$/.exec(locator)!
  return text.split('\n').slice(Number(first) - 1, Number(last))
}

for (const end of ['\n', '\r\n'])
  test(`passages with ${JSON.stringify(end)} are in order, bounded, whole characters, and where their locators say`, () => {
    fc.assert(
      fc.property(names, lines, (name, all) => {
        const text = all.join('\n').replaceAll('\n', end)
        let from = 0
        for (const passage of splitText(name, text)) {
          expect(passage.text.length).toBeLessThanOrEqual(MAX_PASSAGE_LENGTH)
          expect(passage.text.isWellFormed()).toBe(true)
          const at = text.indexOf(passage.text, from)
          expect(at).toBeGreaterThanOrEqual(from)
          from = at + passage.text.length
          const named = linesAt(text, passage.locator)
          expect(named.join('\n')).toContain(passage.text)
          // neither the first nor the last line is named for nothing
          expect(passage.text.split('\n').length).toBe(named.length)
        }
      }),
    )
  })

test('every word of prose without headings is in exactly one passage', () => {
  const prose = fc.array(words, { maxLength: 400 }).map((all) => all.join(' '))
  const paragraphs = fc.array(prose, { maxLength: 4 }).map((all) => all.join('\n\n'))
  fc.assert(
    fc.property(paragraphs, (text) => {
      // a short line above a sentence is its heading
      const found = splitText('a.txt', text)
      fc.pre(found.every(({ heading }) => heading === ''))
      expect(wordsOf(found.map((passage) => passage.text).join(''))).toBe(wordsOf(text))
    }),
  )
})

test('every word of code is in exactly one passage', () => {
  fc.assert(
    fc.property(lines, (all) => {
      const text = all.join('\n')
      expect(
        wordsOf(
          splitText('a.ts', text)
            .map((passage) => passage.text)
            .join(''),
        ),
      ).toBe(wordsOf(text))
    }),
  )
})

test('neighbours share a passage, and a section begins a new one', () => {
  const text = '# Tides\n\nEbb comes. Flow goes.\n\n- Spring\n- Neap\n\n# Tides\n\nAgain.\n\n## Moon\n\nFull.\n'
  expect(splitText('tides.md', text)).toEqual([
    { text: 'Ebb comes. Flow goes.\n\n- Spring\n- Neap', locator: 'L3-L6', heading: 'Tides' },
    { text: 'Again.', locator: 'L10', heading: 'Tides' },
    { text: 'Full.', locator: 'L14', heading: 'Tides › Moon' },
  ])
})

test('rows keep the names of their columns', () => {
  expect(splitText('a.csv', 'city,tide\nOslo,low\nRome,none\n').at(-1)).toEqual({
    text: 'Oslo,low\nRome,none',
    locator: 'L2-L3',
    heading: 'city,tide',
  })
})

test('a line of one megabyte is split in time, between characters', () => {
  const found = splitText('long.txt', `é${'𠀀'.repeat(500_000)}`)
  expect(found.length).toBeGreaterThan(1_600)
  expect(found.every(({ text, locator }) => text.isWellFormed() && locator === 'L1')).toBe(true)
})

test('units survive their table', () => {
  fc.assert(
    fc.property(names, lines, (name, all) => {
      const text = all.join('\n')
      expect(unitsOf(textDocument(name, text))).toEqual(splitUnits(name, text))
    }),
  )
})
