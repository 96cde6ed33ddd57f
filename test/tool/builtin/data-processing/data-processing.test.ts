import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { builtinTools, dataTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { openWorkshop } from '../../../pipeline/workshop.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const toolbox = createToolbox(dataTools)
const run = (operation: string, input: { readonly [name: string]: unknown }) =>
  call(toolbox.find('data-processing', operation)!, input, contextAt(place.root))

const PEOPLE = [
  { name: 'Ada', city: 'London', age: 36 },
  { name: 'Bob', city: 'Paris', age: 40 },
  { name: 'Cy', city: 'London', age: null },
]
const CSV = 'name,city,age\r\nAda,London,36\r\nBob,Paris,40\r\nCy,London,\r\n'

const MANY = 'more than 5000000 cells'

type Case = readonly [operation: string, input: { readonly [name: string]: unknown }, result: object]

describe('an operation', () => {
  test.each<Case>([
    [
      'convert',
      { data: CSV, format: 'json' },
      { data: [{ name: 'Ada', city: 'London', age: '36' }, {}, {}], original_type: 'csv' },
    ],
    ['convert', { data: PEOPLE, format: 'csv' }, { data: CSV, target_format: 'csv', original_type: 'list' }],
    ['convert', { data: '[{"a":1}]', output_format: 'csv' }, { data: 'a\r\n1\r\n', processed_data: [{ a: 1 }] }],
    ['convert', { data: 'a;b\n1;2\n', input_format: 'csv', delimiter: ';' }, { data: [{ a: '1', b: '2' }] }],
    ['convert', { data: 'a;b\n1;2\n', delimiter: ';' }, { data: [{ a: '1', b: '2' }], original_type: 'csv' }],
    ['convert', { data: 'some words,\tone tab\nmore', delimiter: ';' }, { original_type: 'text' }],
    ['convert', { data: '\uFEFF[{"a":1}]' }, { data: [{ a: 1 }], original_type: 'json' }],
    ['convert', { data: 'a\n1\n', format: 'csv', output_format: 'json' }, { data: [{ a: '1' }] }],
    ['convert', { data: 'a\n1\n', format: 'csv', target_format: 'json' }, { original_type: 'csv' }],
    ['convert', { data: CSV, format: 'json', output_format: 'json' }, { original_type: 'csv', target_format: 'json' }],
    ['convert', { data: { a: [1] } }, { data: { a: [1] }, original_type: 'map' }],
    ['convert', { data: 'just words' }, { data: 'just words', original_type: 'text' }],
    ['filter', { data: PEOPLE, operation: { criteria: { city: 'London' } } }, { filtered_count: 2, original_count: 3 }],
    ['filter', { data: CSV, criteria: { age: 36 } }, { data: 'name,city,age\r\nAda,London,36\r\n' }],
    ['filter', { data: CSV, criteria: { city: ['Paris', 'Rome'] } }, { filtered_count: 1 }],
    ['filter', { data: PEOPLE, condition: "age > 30 and city != 'Paris'" }, { data: [PEOPLE[0]] }],
    ['filter', { data: CSV, condition: 'age >= 36' }, { filtered_count: 2 }],
    [
      'filter',
      { data: { records: PEOPLE, n: 3 }, criteria: { city: 'Paris' } },
      { data: [PEOPLE[1]], original_count: 3 },
    ],
    ['convert', { data: { records: PEOPLE, n: 3 } }, { data: { records: PEOPLE, n: 3 } }],
    ['filter', { data: [], criteria: { x: 1 } }, { data: [], filtered_count: 0 }],
    [
      'aggregate',
      {
        data: CSV,
        group_by: ['city'],
        aggregations: { n: { column: 'name', function: 'count' }, oldest: { column: 'age', function: 'max' } },
      },
      {
        data: 'city,n,oldest\r\nLondon,2,36\r\nParis,1,40\r\n',
        processed_data: [{ city: 'London', n: 2, oldest: 36 }, {}],
        count: 2,
      },
    ],
    [
      'aggregate',
      { data: 'n, city\n1,Rome\n2,Rome\n', group_by: [' city'], aggregations: { n: 'sum' } },
      { data: ' city,n_sum\r\nRome,3\r\n' },
    ],
    [
      'aggregate',
      { data: PEOPLE, aggregations: { age: 'avg' } },
      { data: { count: 3, aggregations: { age_avg: 38 } }, count: 3 },
    ],
    [
      'aggregate',
      { data: PEOPLE, operation: { group_by: 'city', aggregations: { age: 'sum' } } },
      {
        data: [
          { city: 'London', age_sum: 36 },
          { city: 'Paris', age_sum: 40 },
        ],
      },
    ],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'filter', field: 'city', value: 'Paris' }] },
      { data: [PEOPLE[1]], original_count: 3 },
    ],
    ['transform', { data: PEOPLE, operations: [{ type: 'filter', condition: "city != 'London'" }] }, { row_count: 1 }],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'aggregate', operation: 'sum', field: 'age' }] },
      { data: [{ age_sum: 76 }] },
    ],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'rename_fields', mapping: { name: 'who' } }] },
      { data: [{ who: 'Ada', city: 'London', age: 36 }, {}, {}] },
    ],
    [
      'transform',
      { data: { a: 1 }, operation: { transformations: [{ type: 'add_field', field: 'b', value: 2 }] } },
      { data: { a: 1, b: 2 } },
    ],
    ['transform', { data: [...PEOPLE, PEOPLE[0]], operations: [{ type: 'deduplicate' }] }, { data: PEOPLE }],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'deduplicate', columns: ['city'], keep: 'last' }] },
      { data: [PEOPLE[1], PEOPLE[2]] },
    ],
    [
      'transform',
      { data: CSV, output_format: 'json', operations: [{ type: 'cast', columns: { age: 'integer' } }] },
      { data: PEOPLE },
    ],
    [
      'transform',
      {
        data: [{ at: '2024-02-03 04:05:06', ok: 'yes', n: 7 }],
        operations: [{ type: 'cast', columns: { at: 'datetime', ok: 'boolean', n: 'string' } }],
      },
      { data: [{ at: '2024-02-03T04:05:06', ok: true, n: '7' }] },
    ],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'fill_missing', strategy: { age: 0 } }] },
      { data: [{}, {}, { age: 0 }] },
    ],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'fill_missing', strategy: { age: 'mean' } }] },
      { data: [{}, {}, { age: 38 }] },
    ],
    [
      'transform',
      {
        data: 'a,b,at\n2,3,2024-05-06\n4,,\n',
        operations: [
          {
            type: 'calculate',
            expressions: { c: 'a * b', month: "DATE_FORMAT(at, '%Y-%m')", d: 'coalesce(b, 0) + a' },
          },
        ],
      },
      {
        processed_data: [
          { c: 6, month: '2024-05', d: 5 },
          { c: null, month: null, d: 4 },
        ],
      },
    ],
    [
      'transform',
      {
        data: [{ 'my-col': 2, 'b c': 3 }],
        operations: [{ type: 'calculate', expressions: { x: "my-col + row['b c']" } }],
      },
      { data: [{ x: 5 }] },
    ],
    [
      'transform',
      { data: { items: [1, 2] }, transform_spec: { n: 'len(data.items)', first: 'parsed_data.items[0]' } },
      { data: { n: 2, first: 1 } },
    ],
    [
      'profile',
      { data: 'a,b,c\n1,x,\n2,y,\n3,x,\n100,x,\n1,x,\n' },
      {
        row_count: 5,
        column_count: 3,
        duplicate_rows: 1,
        columns: {
          a: {
            name: 'a',
            data_type: 'integer',
            missing_count: 0,
            unique_count: 4,
            min: 1,
            max: 100,
            mean: 21.4,
            median: 2,
            outlier_percentage: 20,
          },
          b: { data_type: 'string', unique_count: 2, min: 'x', max: 'y' },
          c: { data_type: 'empty', missing_percentage: 100, unique_count: 0 },
        },
      },
    ],
    [
      'pivot',
      { data: [{ r: 'a', c: 'x', v: 1 }], index: ['r'], columns: ['c'], values: ['v'] },
      { data: [{ r: 'a', x: 1 }] },
    ],
    ['profile', { data: PEOPLE, profiling_options: ['missing_values'] }, { data: { row_count: 3 } }],
    [
      'pivot',
      {
        data: [
          { r: 'a', c: 'x', v: 1 },
          { r: 'a', c: 'y', v: 2 },
          { r: 'b', c: 'x', v: 3 },
          { r: 'a', c: 'x', v: 4 },
        ],
        index: 'r',
        columns: 'c',
        values: 'v',
      },
      {
        data: [
          { r: 'a', x: 5, y: 2 },
          { r: 'b', x: 3, y: 0 },
        ],
        columns: ['r', 'x', 'y'],
        rows: 2,
      },
    ],
    [
      'clean',
      { data: [...PEOPLE, PEOPLE[0]] },
      { data: PEOPLE.slice(0, 2), duplicates_removed: 1, missing_removed: 1, cleaned_count: 2 },
    ],
    [
      'clean',
      { data: [{ a: 1 }, { a: null }, { a: 3 }, { a: '' }], handle_missing: 'interpolate', remove_duplicates: false },
      { data: [{ a: 1 }, { a: 2 }, { a: 3 }, { a: '' }] },
    ],
    [
      'clean',
      { data: [{ a: 1 }, { a: null }, { a: 3 }], handle_missing: 'forward_fill', remove_duplicates: false },
      { data: [{ a: 1 }, { a: 1 }, { a: 3 }] },
    ],
    ['clean', { data: [{ a: null }, { a: 3 }], handle_missing: 'backward_fill' }, { data: [{ a: 3 }, { a: 3 }] }],
    [
      'clean',
      { data: [1, 2, 3, 2, 1, 90].map((a, n) => ({ a, n })), remove_outliers: true },
      { outliers_removed: 1, cleaned_count: 5 },
    ],
    [
      'merge',
      {
        datasets: [
          { name: 'x', data: [{ a: 1 }] },
          { name: 'y', data: 'a,b\n2,3\n' },
        ],
      },
      { data: [{ a: 1 }, { a: '2', b: '3' }], total_rows: 2, total_columns: 2, datasets_merged: 2 },
    ],
    [
      'merge',
      {
        datasets: [
          {
            name: 'l',
            data: [
              { id: 1, v: 'a' },
              { id: 2, v: 'b' },
            ],
          },
          {
            name: 'r',
            data: [
              { id: '1', v: 'c' },
              { id: 3, v: 'd' },
            ],
          },
        ],
        merge_strategy: 'join',
        join_on: 'id',
        join_type: 'outer',
      },
      {
        data: [
          { id: 1, v: 'a', v_r: 'c' },
          { id: 2, v: 'b', v_r: null },
          { id: 3, v: null, v_r: 'd' },
        ],
        columns: ['id', 'v', 'v_r'],
      },
    ],
    [
      'filter',
      { data: { action: 'filter', data: 'a\r\n1\r\n', processed_data: [{ a: '1' }] }, criteria: { a: 1 } },
      { data: 'a\r\n1\r\n' },
    ],
  ])('%s of %j', async (operation, input, result) => {
    expect(await run(operation, input)).toMatchObject({ action: operation, ...result })
  })

  test('reads a file below the roots, and no other', async () => {
    await writeFile(join(place.root, 'people.csv'), CSV)
    await writeFile(join(place.outer, 'secret.csv'), CSV)
    expect(await run('filter', { data: 'people.csv', criteria: { name: 'Bob' } })).toMatchObject({ filtered_count: 1 })
    await expect(run('filter', { data: '../secret.csv', criteria: {} })).rejects.toMatchObject({ code: 'outside_root' })
    await expect(run('filter', { data: 'none.csv', criteria: {} })).rejects.toThrow('File not found: none.csv')
    await writeFile(join(place.root, 'people [1].csv'), CSV)
    expect(await run('convert', { data: 'people [1].csv' })).toMatchObject({ original_type: 'csv' })
  })

  test.each<readonly [operation: string, input: { readonly [name: string]: unknown }, place: string, hint: string]>([
    ['convert', { data: 'x.jsonl' }, 'data', "splitlines() | map('from_json')"],
    ['convert', { data: ' data/my rows.NDJSON\n', output_format: 'csv' }, 'data', 'splitlines()'],
    ['convert', { data: 'rows.tsv', input_format: 'csv' }, 'data', '{{ STEP.content }}'],
    ['convert', { input_data: 'rows.csv.gz' }, 'data', 'to CSV or JSON'],
    ['convert', { data: 'https://example.test/rows.yaml' }, 'data', '{{ STEP.content }}'],
    ['transform', { data: 'report.md', transform_spec: { n: 'data | length' } }, 'data', '{{ STEP.content }}'],
    ['profile', { data: 'sales 2024.xlsx', input_format: 'csv' }, 'data', 'to CSV or JSON'],
    ['merge', { datasets: [{ data: PEOPLE }, { data: 'x.jsonl', name: 'b' }] }, 'datasets.1.data', 'splitlines()'],
  ])('of the name of another file fails: %s %j', async (operation, input, path, hint) => {
    await expect(run(operation, input)).rejects.toMatchObject({
      message: expect.stringMatching(
        /expected data, or the path of a \.json, \.csv or \.txt file, got the name of a \.\w+/,
      ),
      place: { path },
      hint: expect.stringContaining(hint),
    })
  })

  test.each(['The rows lie in report.md', 'See example.com', '"x.jsonl"', 'x.jsonl\ny.jsonl'])(
    'of a text that is not a file name takes the text: %j',
    async (data) => {
      expect(await run('convert', { data })).toMatchObject({ action: 'convert', target_format: 'json' })
    },
  )

  test('reads the text of an earlier result as data, even if it looks like the name of a file', async () => {
    expect(await run('convert', { data: { action: 'filter', data: 'name.csv' } })).toMatchObject({ data: [] })
  })
})

/** The makers of racing cars are constructors. */
const CARS: Json = [{ car: 'SF-23' }, { car: 'W14', constructor: 'Mercedes' }, { car: 'W15', constructor: 'Mercedes' }]

test.each<Case>([
  ['filter', { data: CARS, criteria: { constructor: '' } }, { data: [CARS[0]] }],
  ['filter', { data: CARS, condition: "constructor == 'Mercedes'" }, { filtered_count: 2 }],
  ['filter', { data: CARS, condition: 'not constructor' }, { filtered_count: 1 }],
  ['convert', { data: CARS, format: 'csv' }, { data: 'car,constructor\r\nSF-23,\r\nW14,Mercedes\r\nW15,Mercedes\r\n' }],
  [
    'aggregate',
    { data: CARS, group_by: ['constructor'], aggregations: { n: { column: 'car', function: 'count' } } },
    { data: [{ n: 1 }, { constructor: 'Mercedes', n: 2 }] },
  ],
  [
    'aggregate',
    { data: CARS, aggregations: { n: { column: 'constructor', function: 'count' } } },
    { data: { aggregations: { n: 2 } } },
  ],
  [
    'transform',
    { data: CARS, operations: [{ type: 'fill_missing', strategy: { constructor: 'Ferrari' } }] },
    { data: [{ constructor: 'Ferrari' }, {}, {}] },
  ],
  [
    'merge',
    { datasets: [{ data: CARS }, { data: [{ constructor: 'Mercedes', base: 'Brackley' }] }], join_on: 'constructor' },
    { data: [{ car: 'W14', base: 'Brackley' }, { car: 'W15' }] },
  ],
])('%s of %j knows a column of a name that all maps have', async (operation, input, result) => {
  expect(await run(operation, input)).toMatchObject(result)
})

test('many rows of one key are merged in proportion to their number', async () => {
  const many = Array.from({ length: 99_000 }, (_, n) => ({ k: 1, n }))
  const input = {
    datasets: [{ data: [{ k: 2 }] }, { data: many }],
    merge_strategy: 'join',
    join_on: 'k',
    join_type: 'left',
  }
  const before = process.cpuUsage()
  await run('merge', input)
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(3)
})

test('many columns are cast in one pass', async () => {
  const names = Array.from({ length: 1_000 }, (_, n) => `c${n}`)
  const data = `${names}\n${`${names.map(() => 1)}\n`.repeat(100)}`
  async function cpuOf(count: number): Promise<number> {
    const columns = Object.fromEntries(names.slice(0, count).map((name) => [name, 'integer']))
    const before = process.threadCpuUsage()
    await run('transform', { data, operations: [{ type: 'cast', columns }] })
    const { user, system } = process.threadCpuUsage(before)
    return user + system
  }
  await cpuOf(1_000)
  const one = Math.min(await cpuOf(1), await cpuOf(1))
  const all = Math.min(await cpuOf(1_000), await cpuOf(1_000))
  expect(all / one).toBeLessThan(3.5)
})

describe('impossible parameters are refused', () => {
  test.each<[operation: string, input: { readonly [name: string]: unknown }, message: RegExp]>([
    [
      'transform',
      {
        data: [{ at: '2026-02-30' }],
        operations: [{ type: 'calculate', expressions: { m: "DATE_FORMAT(at, '%Y-%m')" } }],
      },
      /row 1: DATE_FORMAT\('%Y-%m'\): expected a day from 01 to 28, .*, got '2026-02-30'/,
    ],
    [
      'transform',
      {
        data: [{ at: '2026-02-03' }],
        operations: [{ type: 'calculate', expressions: { m: "DATE_FORMAT(at, '%Q')" } }],
      },
      /row 1: DATE_FORMAT: there is no directive '%Q'/,
    ],
    [
      'transform',
      { data: [{ at: 'soon' }], operations: [{ type: 'calculate', expressions: { m: "at | date('%Y')" } }] },
      /row 1: date: expected a date such as .*, got text: 'soon'/,
    ],
    [
      'filter',
      { data: [{ n: 4 }, { n: 'many' }], condition: 'n > 3' },
      /row 2: text: 'many' and a number \(3\) have no order/,
    ],
    ['filter', { criteria: {} }, /data: a value is needed\./],
    ['filter', { data: PEOPLE }, /operation: expected criteria or a condition\./],
    ['filter', { data: [1, 2], criteria: {} }, /data: expected a list of maps/],
    ['filter', { data: '{"a": ', input_format: 'json', criteria: {} }, /data: the text is not JSON: line 1, column 7/],
    ['transform', { data: PEOPLE, operation: { type: 'normalize' } }, /list of transformations/],
    ['filter', { data: PEOPLE, criteria: { nmae: 'x' } }, /there is no column `nmae`/],
    [
      'transform',
      { data: [{ ok: 'constructor' }], operations: [{ type: 'cast', columns: { ok: 'boolean' } }] },
      /column `ok`: expected boolean, got "constructor"/,
    ],
    ['filter', { data: PEOPLE, condition: 'agee > 3' }, /condition: there is no column `agee`\./],
    ['filter', { data: PEOPLE, condition: 'age >' }, /condition: /],
    ['filter', { data: PEOPLE, condition: 'name * city > 1' }, /condition: row 1: /],
    ['filter', { data: PEOPLE, condition: 'range(100000) | length > 3' }, /condition: row 1: .*more than 10000 items/],
    ['aggregate', { data: [{ n: 1e308 }, { n: 1e308 }], aggregations: { n: 'sum' } }, /sum of column `n` is more than/],
    ['aggregate', { data: [{ n: 1e308 }, { n: 1e308 }], aggregations: { n: 'mean' } }, /mean of column `n` is more/],
    [
      'convert',
      { data: 'a,b\n1,2', delimiter: '"' },
      /delimiter: expected a delimiter other than a quote or a line break/,
    ],
    ['convert', { data: 'a,b\n1,2', delimiter: '\n' }, /delimiter: expected a delimiter/],
    ['aggregate', { data: PEOPLE, aggregations: { city: 'sum' } }, /sum of column `city`: "London" is not a number/],
    ['aggregate', { data: PEOPLE, aggregations: { age: 'total' } }, /aggregations/],
    ['aggregate', { data: PEOPLE, group_by: 'town' }, /group_by: there is no column `town`\./],
    ['transform', { data: PEOPLE }, /operations: expected a list/],
    ['transform', { data: PEOPLE, operations: [{ type: 'shuffle' }] }, /operations.0.type/],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'cast', columns: { name: 'integer' } }] },
      /operations.0: row 1: column `name`: expected integer, got "Ada"/,
    ],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'rename_fields', mapping: { name: 'city' } }] },
      /two columns would have the same name/,
    ],
    [
      'merge',
      { datasets: [{ data: [{ id: 1, x: 1, x_2: 0 }] }, { data: [{ id: 1, x: 2 }] }], join_on: 'id' },
      /datasets: two columns would have the same name, x_2/,
    ],
    [
      'transform',
      { data: PEOPLE, operations: [{ type: 'filter', criteria: { city: 'Paris' } }] },
      /operations.0: expected a condition, or a field and its value/,
    ],
    [
      'aggregate',
      { data: PEOPLE, group_by: 'city', aggregations: { city: { function: 'count' } } },
      /aggregations: two columns would have the same name, city/,
    ],
    [
      'pivot',
      { data: [{ r: 'a', k: 'r', v: 1 }], index: 'r', columns: 'k', values: 'v' },
      /columns: two columns would have the same name, r/,
    ],
    ['transform', { data: {}, transform_spec: { x: 'json.loads(data)' } }, /transform_spec.x/],
    ['pivot', { data: PEOPLE, index: 'city', columns: ['name', 'age'], values: 'age' }, /a list of one/],
    ['pivot', { data: PEOPLE, index: 'city', columns: 'name', values: 'agee' }, /values: there is no column `agee`\./],
    ['merge', { datasets: [{ data: PEOPLE }], merge_strategy: 'join' }, /join_on: expected the columns/],
    [
      'merge',
      { datasets: [{ data: PEOPLE }, { data: [{ a: 1 }] }], join_on: 'name' },
      /join_on: there is no column `name`\./,
    ],
    [
      'merge',
      { datasets: [{ data: Array(400).fill({ k: 1 }) }, { data: Array(400).fill({ k: 1 }) }], join_on: 'k' },
      /more than 100000 rows/,
    ],
  ])('%s of %j', async (operation, input, message) => {
    await expect(run(operation, input)).rejects.toThrow(message)
  })

  test('a pivot or a join that would make far more of the data than there is', async () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)
    const places = numbers(5_700).map((n) => ({ i: n, c: n % 900, v: n }))
    await expect(run('pivot', { data: places, index: 'i', columns: 'c', values: 'v' })).rejects.toThrow(MANY)
    const wide = Object.fromEntries([['k', 1], ...numbers(900).map((n) => [`c${n}`, n])])
    const datasets = [{ data: numbers(5_600).map(() => ({ k: 1 })) }, { data: [wide] }]
    await expect(run('merge', { datasets, merge_strategy: 'join', join_on: 'k' })).rejects.toThrow(MANY)
  })
})

test('processed data is a list to loops and text where it is printed or written', async () => {
  const { run: runPipeline } = openWorkshop({ tools: builtinTools })
  const { outputs } = await runPipeline(`name: x
inputs: { rows: ${JSON.stringify(CSV)} }
steps:
  - id: london
    tool: data-processing
    action: filter
    parameters: { data: "{{ rows }}", operation: { criteria: { city: London } } }
  - id: again
    action: process
    parameters: { action: profile, data: "{{ london.processed_data }}" }
  - { id: whole, tool: data-processing, action: convert, parameters: { data: "{{ london }}", format: json } }
  - { id: each, for_each: "{{ london.processed_data }}", steps: [{ id: one, tool: debug, parameters: { message: "{{ item.name }}" } }] }
outputs:
  loop: "{{ each.results }}"
  text: "{{ london.processed_data }}"
  same: "{{ london.result.processed_data }}"
  cut: "{{ london.processed_data | truncate(12) }}"
  names: "{% for row in london.processed_data %}{{ row.name }} {% endfor %}"
  count: "{{ london.processed_data | length }}"
  json: "{{ london.processed_data | tojson }}"
  profile: "{{ again.processed_data.row_count }} {{ again.columns.name.unique_count }}"
  list: "{{ whole.processed_data }}"
  once: "{{ london.result }}"
  told: "{{ again }}"
  lengths: "{{ london.data | length }} {{ london.result.data | length }} {{ again.data.row_count }} {{ again.result.data.row_count }}"
`)
  const text = 'name,city,age\r\nAda,London,36\r\nCy,London,\r\n'
  const rows = [
    { name: 'Ada', city: 'London', age: '36' },
    { name: 'Cy', city: 'London', age: '' },
  ]
  expect(outputs).toEqual({
    loop: [{ one: 'Ada' }, { one: 'Cy' }],
    text,
    same: text,
    cut: expect.stringMatching(/^name,/),
    names: 'Ada Cy ',
    count: 2,
    json: expect.stringContaining('"Cy"'),
    profile: '2 2',
    list: rows as Json,
    once: { action: 'filter', data: text, original_count: 3, filtered_count: 2 },
    told: expect.not.objectContaining({ data: expect.anything() }),
    lengths: `${text.length} ${text.length} 2 2`,
  })
})

test.each([',', '\\t'])('one long line of %j is read in proportion to its length', async (repeated) => {
  const began = process.threadCpuUsage()
  await run('convert', { data: `${repeated.repeat(100_000)}x` })
  expect(process.threadCpuUsage(began).user).toBeLessThan(500_000)
})
