import { expect, it } from 'vitest'
import { tableHead } from '../../../src/model/text/columns.ts'
import { splitPassages } from '../../../src/model/text/passages.ts'

const rowsOf = (text: string, name = 'a.csv') => splitPassages(name, text).map((passage) => passage.text)

it('reads each row of a table with the names of its columns', () => {
  expect(rowsOf('name,city,rent\nAnn,Oslo,1200\n"Berg, Bob",,900\n')).toEqual([
    'name,city,rent',
    'name: Ann, city: Oslo, rent: 1200',
    'name: Berg, Bob, rent: 900 (no city)',
  ])
  expect(rowsOf('name;rent\nAnn;1,5\n')).toEqual(['name;rent', 'name: Ann, rent: 1,5'])
  expect(rowsOf('name\trent\nAnn\t900\n', 'a.tsv')).toEqual(['name rent', 'name: Ann, rent: 900'])
  expect(rowsOf('say,who\n"a ""b""",Ann\n')[1]).toBe('say: a "b", who: Ann')
})

it('quotes the row as it is written', () => {
  const text = 'name,rent\nAnn,900\n'
  const [, row] = splitPassages('a.csv', text)
  expect([text.slice(row!.start, row!.end), row!.line]).toEqual(['Ann,900', 2])
})

it('reads an excerpt below its column names, as models get it', () => {
  expect(rowsOf('# name,rent\n\nAnn,900', 'v1.csv').at(-1)).toBe('name: Ann, rent: 900')
})

it('names the columns without a cell, and the cells without a column', () => {
  expect(rowsOf('bird,seen,gone\nAuk,May\nTern,,July\nSkua,May,June,blue,\n,,\n')).toEqual([
    'bird,seen,gone',
    'bird: Auk, seen: May (no gone)',
    'bird: Tern, gone: July (no seen)',
    'bird: Skua, seen: May, gone: June, without a column name: blue',
  ])
  const names = Array.from({ length: 12 }, (_, at) => `c${at}`)
  expect(rowsOf(`${names.join()}\n1\n`)[1]).toBe('c0: 1 (no c1, c2, c3, c4, c5, c6, c7, c8 and 3 more)')
})

it('reads a record over several lines as one', () => {
  const text = 'bird,note,seen\nAuk,"black\nand white",May\nTern,a 5" wing,June\n'
  expect(rowsOf(text)).toEqual([
    'bird,note,seen',
    'bird: Auk, note: black and white, seen: May',
    'bird: Tern, note: a 5" wing, seen: June',
  ])
  expect(splitPassages('a.csv', text).map(({ line, endLine }) => [line, endLine])).toEqual([
    [1, 1],
    [2, 3],
    [4, 4],
  ])
})

it.each([
  ['semicolons', 'bird;wing\nAuk;1,5\n', 'bird: Auk, wing: 1,5'],
  ['semicolons, with a comma in a name', 'bird;wing, cm\nAuk;1,5\n', 'bird: Auk, wing, cm: 1,5'],
  [
    'semicolons, with commas in a text',
    'name, first;seen\nAuk, the;May\nTern;May\n',
    'name, first: Auk, the, seen: May',
  ],
  ['tabs', 'bird\twing\nAuk\t2\n', 'bird: Auk, wing: 2'],
  ['a sign that its first line names', 'sep=;\nbird;wing\nAuk;2\n', 'bird: Auk, wing: 2'],
  ['one column', 'bird\nAuk\n', 'bird: Auk'],
])('reads rows with %s', (_, text, row) => {
  expect(rowsOf(text)).toContain(row)
})

it.each([
  ['without names', '1,2\n3,4\n', ['1,2', '3,4']],
  ['with a name twice', 'a,a\n3,4\n', ['a,a', '3,4']],
  ['of sentences', 'It rains.\nIt is 3.\n', ['It rains.', 'It is 3.']],
])('leaves rows as they are in a table %s', (_, text, rows) => {
  expect(rowsOf(text)).toEqual(rows)
})

it('reads each row of a Markdown table with the names of its columns', () => {
  const rows = (text: string) => rowsOf(text, 'a.md')
  expect(rows('| bird | **wing** (cm) |\n|---|--:|\n| `Auk` | 20 |\n| Tern | |\n')).toEqual([
    'bird: Auk, wing (cm): 20',
    'bird: Tern (no wing (cm))',
  ])
  expect(rows('bird | wing\n--- | ---\nAuk | 20\n')).toEqual(['bird: Auk, wing: 20'])
  expect(rows('| bird |\n|---|\n| Auk |\n')).toEqual(['bird: Auk'])
  expect(rows('| | May | June |\n|---|---|---|\n| Auk | a \\| b | 2 | 3 |\n')).toEqual([
    'Auk, May: a | b, June: 2, without a column name: 3',
  ])
})

it.each([
  ['| bird | wing |\n|---|---|\n| Auk | 20 |\n| Tern | |', 'Birds › North'],
  ['| | May |\n|---|---|\n| Auk | 2 |', 'Birds'],
  ['| bird — all |\n|---|\n| Auk |', 'Birds'],
])('rows below their heading alone are read as in their table: %s', (table, above) => {
  const text = `# ${above}\n\n${table}`
  const passages = splitPassages('a.md', text)
  const [{ heading, start } = { heading: '', start: 0 }] = passages
  const rows = text.slice(start)
  const again = splitPassages('v1.md', `${tableHead(heading, rows)}${rows}`)
  expect(again.map((passage) => [passage.heading, passage.text.replace(' — ', ' - ')])).toEqual(
    passages.map((passage) => [passage.heading, passage.text.replace(' — ', ' - ')]),
  )
})

it('rows below another heading stay as they are', () => {
  expect(tableHead('Birds › North', '| Auk | 20 |')).toBeUndefined()
  expect(tableHead('Birds', 'Auks dive.')).toBeUndefined()
})
