import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { parseCsv, writeCsv } from '../../../../src/tool/builtin/table/csv.ts'
import { TABLE_LIMITS, type Table } from '../../../../src/tool/builtin/table/table.ts'
import { fc, runs } from '../../../property.ts'

const row = (table: Table) => table.rows.map((one) => table.columns.map((column) => one[column]))

describe('reading', () => {
  test.each<[text: string, columns: string[], rows: unknown[][]]>([
    ['', [], []],
    ['a,b', ['a', 'b'], []],
    ['a,b\n1,2\n', ['a', 'b'], [['1', '2']]],
    [
      'a,b\r\n1,2\r\n\r\n3,4',
      ['a', 'b'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a,b\r1,2\r', ['a', 'b'], [['1', '2']]],
    ['\uFEFFa\n1\n', ['a'], [['1']]],
    ['a,b\n"x, y","said ""no"""\n', ['a', 'b'], [['x, y', 'said "no"']]],
    ['a\n"one\ntwo"\n""\n', ['a'], [['one\ntwo'], ['']]],
    [
      'a,b\n1\n,\n',
      ['a', 'b'],
      [
        ['1', null],
        ['', ''],
      ],
    ],
    ['a b,ü\n x ,y"z\n', ['a b', 'ü'], [[' x ', 'y"z']]],
    ['2024,2023\n1,2\n', ['2024', '2023'], [['1', '2']]],
    ['__proto__,x\n1,2\n', ['__proto__', 'x'], [['1', '2']]],
  ])('%j', (text, columns, rows) => {
    const table = parseCsv(text)
    expect(table.columns).toEqual(columns)
    expect(row(table)).toEqual(rows)
  })

  test('takes another delimiter', () => {
    expect(row(parseCsv('a;b\n"1;2";3,4\n', ';'))).toEqual([['1;2', '3,4']])
  })

  test.each([
    ['a,b\n1,2,3\n', 'line 2 of the CSV has a row of 3 cells under 2 column names'],
    ['a,b\n1,2\n"x\ny",2\n1,2,3', 'line 5 of the CSV has a row of 3 cells'],
    ['a,b\n1,"2\n3,4\n', 'line 2 of the CSV has a quote that is never closed'],
    ['a,b\n"1"x,2\n', 'line 2 of the CSV has text behind a closing quote'],
    ['a,b,a\n', 'line 1 of the CSV has two columns of the name "a"'],
  ])('%j is refused', (text, message) => {
    expect(() => parseCsv(text)).toThrow(message)
  })

  test('is bounded', () => {
    expect(() => parseCsv(`a\n${'1\n'.repeat(TABLE_LIMITS.rows + 1)}`)).toThrow('more than 100000 rows')
    expect(() => parseCsv(Array.from({ length: 1001 }, (_, n) => n).join(','))).toThrow('more than 1000 columns')
  })
})

describe('writing', () => {
  test.each<[columns: string[], cells: Table['rows'][number], text: string]>([
    [['a', 'b'], { a: 1, b: null }, 'a,b\r\n1,\r\n'],
    [['a', 'b'], { b: 'x' }, 'a,b\r\n,x\r\n'],
    [['a'], { a: '' }, 'a\r\n""\r\n'],
    [['a'], { a: 'x "y", z' }, 'a\r\n"x ""y"", z"\r\n'],
    [['a'], { a: 'one\ntwo' }, 'a\r\n"one\ntwo"\r\n'],
    [['a'], { a: { x: [1] } }, 'a\r\n"{""x"":[1]}"\r\n'],
    [['a,b'], { 'a,b': true }, '"a,b"\r\ntrue\r\n'],
  ])('%j %j', (columns, cells, text) => {
    expect(writeCsv({ columns, rows: [cells] })).toBe(text)
  })

  test('of nothing is nothing', () => {
    expect(writeCsv({ columns: [], rows: [] })).toBe('')
  })
})

const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '0', '\t', '😀'), maxLength: 8 })
const table = fc
  .tuple(
    fc.uniqueArray(cell, { minLength: 1, maxLength: 5 }),
    fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { maxLength: 8 }),
  )
  .map(
    ([columns, cells]): Table => ({
      columns,
      rows: cells.map((line) => Object.fromEntries(columns.map((column, index) => [column, line[index]!]))),
    }),
  )

test('a written table is read back', () => {
  fc.assert(
    fc.property(table, (given) => {
      expect(parseCsv(writeCsv(given))).toEqual(given)
    }),
    runs(500),
  )
})

test('any text is read as a table or refused with its line', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 30 })
  fc.assert(
    fc.property(text, (given) => {
      try {
        const read = parseCsv(given)
        expect(parseCsv(writeCsv(read)).rows.length).toBe(read.rows.length)
      } catch (error) {
        expect((error as Error).message).toMatch(/^data: line \d+ of the CSV has /)
      }
    }),
    runs(1000),
  )
})

const PYTHON = `
import csv, io, json, sys
out = []
for text in json.load(sys.stdin):
    rows = list(csv.reader(io.StringIO(text, newline='')))
    again = io.StringIO(newline='')
    csv.writer(again).writerows(rows)
    out.append([rows, again.getvalue()])
json.dump(out, sys.stdout)`
const hasPython = spawnSync('python3', ['--version']).status === 0

test.skipIf(!hasPython)("Python's csv reads and writes the same", () => {
  const texts = fc.sample(table, { numRuns: 300, seed: 7 }).map((given) => writeCsv(given))
  const { stdout } = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify(texts), maxBuffer: 1e8 })
  const read = JSON.parse(stdout.toString()) as [rows: string[][], text: string][]
  expect(read).toHaveLength(texts.length)
  for (const [index, [rows, again]] of read.entries()) {
    const ours = parseCsv(texts[index]!)
    expect([ours.columns, ...row(ours)]).toEqual(rows)
    expect(again).toBe(texts[index])
  }
})
