import { expect, it } from 'vitest'
import { splitPassages } from '../../../src/model/text/passages.ts'

const rowsOf = (text: string, name = 'a.csv') => splitPassages(name, text).map((passage) => passage.text)

it('reads each row of a table with the names of its columns', () => {
  expect(rowsOf('name,city,rent\nAnn,Oslo,1200\n"Berg, Bob",,900\n')).toEqual([
    'name,city,rent',
    'name: Ann, city: Oslo, rent: 1200',
    'name: Berg, Bob, rent: 900',
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

it.each([
  ['without names', '1,2\n3,4\n', ['1,2', '3,4']],
  ['with a name twice', 'a,a\n3,4\n', ['a,a', '3,4']],
  ['of another width', 'a,b\n3,4,5\n', ['a,b', '3,4,5']],
  ['of one column', 'a\n3\n', ['a', '3']],
])('leaves rows as they are in a table %s', (_, text, rows) => {
  expect(rowsOf(text)).toEqual(rows)
})
