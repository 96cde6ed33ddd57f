import { expect, test } from 'vitest'
import { readPage } from '../../../src/web/page/article.ts'

const textOf = (html: string) => readPage({ html: `<table>${html}</table>`, url: '', main: false }).text
const row = (cells: readonly string[], name = 'td') =>
  `<tr>${cells.map((cell) => `<${name}>${cell}</${name}>`).join('')}</tr>`
const table = (...rows: readonly (readonly string[])[]) => rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')

test('a cell over several columns or rows stands in each of them', () => {
  const html = `<thead><tr><th rowspan=2>Bird</th><th colspan=2>Eggs</th></tr><tr><th>May</th><th>June</th></tr></thead>
    <tr><td rowspan=2>Auk</td><td colspan=2>none</td></tr><tr><td>1</td><td>2</td></tr>`
  expect(textOf(html)).toBe(
    table(['Bird', 'Eggs May', 'Eggs June'], ['---', '---', '---'], ['Auk', 'none', 'none'], ['Auk', '1', '2']),
  )
})

test('a row of one cell divides a table, and a new row of headers begins another', () => {
  const html = `<caption>Birds</caption>${row(['Bird', 'Eggs'], 'th')}<tr><td colspan=2>North</td></tr>${row(['Auk', '1'])}
    <tr><td colspan=2>South</td></tr>${row(['Tern', '2'])}${row(['Fish', 'Fins'], 'th')}${row(['Cod', '3'])}`
  expect(textOf(html)).toBe(
    [
      'Birds',
      'North',
      table(['Bird', 'Eggs'], ['---', '---'], ['Auk', '1']),
      'South',
      table(['Bird', 'Eggs'], ['---', '---'], ['Tern', '2']),
      table(['Fish', 'Fins'], ['---', '---'], ['Cod', '3']),
    ].join('\n\n'),
  )
})

test.each([
  [
    'three columns',
    [
      ['Bird', 'Sea', 'Nest'],
      ['Auk', 'North', 'Rock'],
    ],
  ],
  [
    'numbers in the last column',
    [
      ['Bird', 'Eggs'],
      ['Auk', '1'],
      ['Tern', '3'],
    ],
  ],
  [
    'two columns of words',
    [
      ['Bird', 'Nest'],
      ['Auk', 'Rock'],
    ],
  ],
  ['one column, in bold type', [['<b>Bird</b>'], ['Auk']]],
])('the first row of a table without headers names its columns: %s', (_, [head = [], ...rows]) => {
  const names = head.map((name) => name.replace(/<.?b>/g, '**'))
  expect(textOf([head, ...rows].map((cells) => row(cells)).join(''))).toBe(
    table(
      names,
      names.map(() => '---'),
      ...rows,
    ),
  )
})

test.each([
  [
    'pairs',
    [
      ['Bird', 'Auk'],
      ['Eggs', '1'],
      ['Nest', 'Rock'],
    ],
  ],
  [
    'a number in the first row',
    [
      ['Wing', '20 cm'],
      ['Eggs', '1'],
    ],
  ],
  [
    'a sentence in the first row',
    [
      ['It dives.', 'Auk', 'x'],
      ['a', 'b', 'c'],
    ],
  ],
  ['one row', [['Bird', 'Eggs', 'Nest']]],
  ['one column of words', [['Auk'], ['Tern']]],
])('the first row of a table without headers is a row as others: %s', (_, rows) => {
  const empty = rows[0]!.map(() => '')
  expect(textOf(rows.map((cells) => row(cells)).join(''))).toBe(
    table(
      empty,
      empty.map(() => '---'),
      ...rows,
    ),
  )
})

test('headers of rows are no headers of columns', () => {
  expect(textOf('<tr><th>Wing</th><td>20 cm</td></tr><tr><th>Eggs</th><td>1</td></tr>')).toBe(
    table(['', ''], ['---', '---'], ['Wing', '20 cm'], ['Eggs', '1']),
  )
  expect(textOf(`${row(['', 'May', 'June'], 'th')}<tr><th>Auk</th><td>1</td><td>2</td></tr>`)).toBe(
    table(['', 'May', 'June'], ['---', '---', '---'], ['Auk', '1', '2']),
  )
})

test('a table within a cell has its column names, and a table for layout becomes blocks', () => {
  const inner = `<table>${row(['Month', 'Eggs'], 'th')}${row(['May', '1'])}${row(['June', '2'])}</table>`
  expect(textOf(row(['Bird', 'Seen'], 'th') + row(['Auk', inner]))).toBe(
    table(['Bird', 'Seen'], ['---', '---'], ['Auk', 'Month: May, Eggs: 1; Month: June, Eggs: 2']),
  )
  expect(textOf(row(['<h2>Birds</h2>', inner]))).toBe(
    `## Birds\n\n${table(['Month', 'Eggs'], ['---', '---'], ['May', '1'], ['June', '2'])}`,
  )
})

test('a picture beside a note is not a column', () => {
  expect(textOf('<tr><td rowspan="2"><img src="n.png"></td><th>Note</th></tr><tr><td>Auks dive.</td></tr>')).toBe(
    table(['Note'], ['---'], ['Auks dive.']),
  )
})

test('a box of prose is text behind its header', () => {
  const prose = '<p>Auks dive deep. They hunt small fish, and they bring them to the rocks.</p>'
  expect(textOf(`<tr><th>Note</th></tr><tr><td>${prose.repeat(2)}</td></tr>`)).toMatch(
    /^Note: Auks dive deep\. .* rocks\.\n\nAuks dive deep\. .* rocks\.$/,
  )
})

test('cells over very many columns and rows are limited', () => {
  const cell = '<td colspan=9999999 rowspan=9999999>x</td>'
  expect(textOf(`<tr>${cell.repeat(20)}</tr>`.repeat(300)).length).toBeLessThan(1_000_000)
})
