import { expect, test } from 'vitest'
import type { PlacedText } from '../../src/extension/reader.ts'
import { locatorOf, unitsOf } from '../../src/source/document.ts'
import { textOfPlaced } from '../../src/source/pdf/columns.ts'
import { withoutRunningLines } from '../../src/source/pdf/pdf.ts'
import { readDocument } from '../../src/source/source.ts'
import { passagesOf } from '../../src/source/split.ts'
import { makePdf } from './make-files.ts'

/** Texts as a PDF draws them: line by line, each cell at its place. */
const drawn = (rows: readonly (readonly string[])[], places = [50, 310]): readonly PlacedText[] =>
  rows.flatMap((cells, row) =>
    cells.map((text, cell) => ({
      text,
      x: places[cell]!,
      y: 700 - 14 * row,
      width: 5 * text.length,
      size: 11,
      isEnd: cell === cells.length - 1,
    })),
  )

const LEFT = [
  'The keeper oils the winch in March',
  'and the lantern is lit at dusk. It',
  'stays lit until the ferry has left',
  'the pier. The gate is closed then.',
]
const RIGHT = [
  'The tenant pays for the roof of the',
  'boathouse. The landlord pays for the',
  'walls and the windows. A notice of',
  'sixty days begins with the letter.',
]
const pairs = LEFT.map((line, at) => [line, RIGHT[at]!])

test('two columns that are drawn row by row are read one after the other', () => {
  expect(
    textOfPlaced([
      ...drawn([['Rules'], ...pairs]),
      { text: 'Bergen, in May', x: 50, y: 560, width: 70, size: 11, isEnd: true },
    ]),
  ).toEqual({
    text: ['Rules', '', ...LEFT, ...RIGHT, '', 'Bergen, in May'].join('\n'),
    isUnsure: false,
  })
})

test('a last line of one column alone stays in its column', () => {
  const last = { text: 'It opens at six.', x: 50, y: 644, width: 80, size: 11, isEnd: true }
  expect(textOfPlaced([...drawn(pairs), last]).text).toBe(['', ...LEFT, last.text, ...RIGHT, ''].join('\n'))
})

test('columns that are drawn one after the other, and tables, stay as they are drawn', () => {
  const right = drawn(
    RIGHT.map((line) => [line]),
    [310],
  )
  expect(textOfPlaced([...drawn(LEFT.map((line) => [line])), ...right])).toEqual({
    text: `${[...LEFT, ...RIGHT].join('\n')}\n`,
    isUnsure: false,
  })
  const rows = [
    ['Large', '80 crowns'],
    ['Small', '40 crowns'],
    ['Tiny', '20 crowns'],
    ['Huge', '99 crowns'],
  ]
  expect(textOfPlaced(drawn(rows))).toEqual({
    text: `${rows.map((cells) => cells.join('')).join('\n')}\n`,
    isUnsure: false,
  })
})

test('rows of prose that do not fill their columns may be mixed, and a page says so', () => {
  const notes = ['The keeper is Ida and she', 'It is lit', 'She has been the keeper of the light', 'Since May it']
  const mixed = textOfPlaced(drawn(notes.map((text, at) => [text, at === 0 ? RIGHT[0]! : 'so it was said'])))
  expect(mixed.isUnsure).toBe(true)
})

const PAGES = [
  [
    'Harbour Rules',
    'The loan is paid back in parts.',
    'Repay-',
    'ment is due in May. The well-',
    'known tenant pays',
    'Page 1 of 3',
  ],
  ['Harbour Rules', 'twice a year.', 'The lantern is lit, and the har-', 'Page 2 of 3'],
  ['Harbour Rules', 'bour master comes.', 'Nothing more is said.', 'Page 3 of 3'],
]

test('running lines stand once, words parted at a line end are joined, and a sentence reaches over its page', async () => {
  const pdf = await readDocument('rules.pdf', makePdf(PAGES.map((lines) => lines.join('\n'))))
  expect(unitsOf(pdf).map((unit) => [locatorOf(pdf, unit), unit.text])).toEqual([
    ['page=1', 'Harbour Rules'],
    ['page=1', 'Page 1 of 3'],
    ['page=1', 'The loan is paid back in parts.'],
    ['page=1', 'Repayment is due in May.'],
    ['page=1&page=2', 'The well-known tenant pays twice a year.'],
    ['page=2&page=3', 'The lantern is lit, and the harbour master comes.'],
    ['page=3', 'Nothing more is said.'],
  ])
  expect(passagesOf(pdf).map(({ locator }) => locator)).toEqual(['page=1&page=2', 'page=2&page=3', 'page=3'])
  expect(pdf.gaps).toEqual([])
})

test('short documents and short pages have no running lines', () => {
  const two = ['Harbour\na\nb', 'Harbour\nc\nd']
  expect(withoutRunningLines(two)).toBe(two)
  const short = ['Ebb.', 'Ebb.', 'Ebb.', 'Ebb.']
  expect(withoutRunningLines(short)).toBe(short)
})
