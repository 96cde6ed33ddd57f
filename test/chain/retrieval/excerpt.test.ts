import { expect, test } from 'vitest'
import { excerptAround, type SourceDocument } from '../../../src/chain/retrieval/excerpt.ts'
import { splitUnits, textDocument } from '../../../src/source/split.ts'

const documentOf = (text: string, ref = 'a.md'): SourceDocument => ({
  source: { id: 's1', kind: 'file', ref },
  content: textDocument(ref, text),
  units: splitUnits(ref, text),
})
const around = (document: SourceDocument, word: string) =>
  excerptAround({ document, at: document.units.findIndex(({ text }) => text.includes(word)) }, 1)

test('an introduction comes with the list it introduces', () => {
  const document = documentOf('# Tools\n\nThere are two:\n\n- saw\n- plane\n\n# Wood\n\nOak.\n')
  expect(around(document, 'two:')).toMatchObject({ line: 3, endLine: 6, heading: 'Tools' })
})

test('a stretch keeps to its section', () => {
  const document = documentOf('# One\n\nFirst.\n\n# Two\n\nSecond.\n')
  expect(around(document, 'Second').text).toBe('Second.')
})

test('a passage that is too long alone is cut, and its last line is the last one shown', () => {
  const document = documentOf(
    `${Array.from({ length: 40 }, (_, at) => `word${at} and more words on line`).join('\n')}.\n`,
  )
  const { text, line, endLine } = around(document, 'word0')
  expect(text.length).toBe(600)
  expect([line, endLine]).toEqual([1, text.split('\n').length])
})

test('text and code are not mixed', () => {
  const document = documentOf('Run it.\n\n```sh\nnpm start\n```\n\nThen wait.\n')
  expect(around(document, 'Run it').text).not.toContain('npm start\n```')
})

test('a sentence that leads in brings what follows, and nothing more', () => {
  const code = documentOf('Run it:\n\n```sh\nnpm start\n```\n\nThen wait.\n')
  expect(around(code, 'Run it').text).toMatch(/^Run it:\s+```sh\s+npm start/)
  expect(around(code, 'Run it').text).not.toContain('Then wait')
  const paragraph = documentOf('The address is:\n\nQuay 4, Bergen. Ring twice.\n\nThen wait.\n')
  expect(around(paragraph, 'The address').text).toBe('The address is:\n\nQuay 4, Bergen. Ring twice.')
})

test('a cut never splits a character', () => {
  const moons = (count: number) => '🌙'.repeat(count)
  const document = documentOf(`# a${moons(40)}\n\n## b${moons(40)}\n\nend${moons(400)}\n`)
  const { text, heading } = around(document, 'end')
  expect([text.length, text.isWellFormed()]).toEqual([599, true])
  expect([heading.length, heading.isWellFormed()]).toEqual([119, true])
})

test('a row of long cells keeps the beginning of each', () => {
  const columns = Array.from({ length: 70 }, (_, at) => `column${at}`)
  const cells = columns.map((_, at) => (at === 3 ? `"${'long, '.repeat(900)}"` : `cell${at}`))
  const document = documentOf(`${columns.join(',')}\n${cells.join(',')}\n`, 'wide.csv')
  const { text, heading } = excerptAround({ document, at: 1 }, 1)
  expect(text.length).toBeLessThanOrEqual(4_000)
  expect(text).toMatch(/,"long, .*…",cell4,.*,cell69$/)
  expect(heading).toBe(columns.join(','))
})

test('column names are cut between two of them', () => {
  const columns = Array.from({ length: 150 }, (_, at) => `"column ${at} of a wide table with names"`)
  const document = documentOf(`${columns.join(',')}\n${columns.map((_, at) => at).join(',')}\n`, 'wide.csv')
  const { heading } = excerptAround({ document, at: 1 }, 1)
  expect([heading.length <= 4_000, heading.endsWith('"')]).toEqual([true, true])
})
