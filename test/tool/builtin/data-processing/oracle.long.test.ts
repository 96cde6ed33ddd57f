import Database from 'libsql'
import { expect, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import type { TableRow } from '../../../../src/tool/builtin/table/table.ts'
import { dataTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { fc, runs } from '../../../property.ts'
import { call, contextAt } from '../../context.ts'

// SQLite is the other opinion: what it says of generated rows is what these tools say.

const toolbox = createToolbox(dataTools)
const run = async (operation: string, input: object) =>
  (await call(toolbox.find('data-processing', operation)!, input, contextAt('/'))).processed_data as readonly TableRow[]

const row = fc.record({
  k: fc.constantFrom('a', 'b', 'c'),
  c: fc.constantFrom('x', 'y'),
  n: fc.option(fc.integer({ min: -1000, max: 1000 })),
})
const rows = fc.array(row, { minLength: 1, maxLength: 30 })

/** The answer of SQLite to a query over tables `one` and `two`. */
function ask(sql: string, one: readonly TableRow[], two: readonly TableRow[] = []): readonly TableRow[] {
  const database = new Database(':memory:')
  try {
    for (const [name, list] of Object.entries({ one, two })) {
      database.exec(`create table ${name} (k text, c text, n integer)`)
      const insert = database.prepare(`insert into ${name} values (?, ?, ?)`)
      for (const { k, c, n } of list) insert.run([k, c, n] as never)
    }
    return database.prepare(sql).all([]) as TableRow[]
  } finally {
    database.close()
  }
}

const sorted = (list: readonly TableRow[]) => list.map((one) => JSON.stringify(Object.entries(one).sort())).sort()

async function agree(
  operation: string,
  input: (one: readonly TableRow[], two: readonly TableRow[]) => object,
  sql: string,
) {
  await fc.assert(
    fc.asyncProperty(rows, rows, async (one, some) => {
      const two = [...some, { k: 'c', c: 'x', n: 5 }]
      expect(sorted(await run(operation, input(one, two)))).toEqual(sorted(ask(sql, one, two)))
    }),
    runs(60),
  )
}

const functions = { total: 'sum', middle: 'avg', least: 'min', most: 'max', there: 'count', kinds: 'count_distinct' }
const aggregations = Object.fromEntries(
  Object.entries(functions).map(([name, wanted]) => [name, { column: 'n', function: wanted }]),
) as Json

test('aggregate, by one column and by two', async () => {
  const values = 'sum(n) total, avg(n) middle, min(n) least, max(n) most, count(n) there, count(distinct n) kinds'
  await agree('aggregate', (data) => ({ data, group_by: 'k', aggregations }), `select k, ${values} from one group by k`)
  await agree(
    'aggregate',
    (data) => ({ data, group_by: ['k', 'c'], aggregations }),
    `select k, c, ${values} from one group by k, c`,
  )
})

test.each([
  ['n > 0', 'n > 0'],
  ["n >= 10 and c == 'x'", "n >= 10 and c = 'x'"],
  ["k != 'a' or n < -5", "k <> 'a' or n < -5"],
  ["c in ['x', 'z']", "c in ('x', 'z')"],
  ['n * 2 - 1 > 7', 'n * 2 - 1 > 7'],
])('filter by %s', async (condition, where) => {
  await agree('filter', (data) => ({ data, condition }), `select * from one where ${where}`)
})

test.each(['inner', 'left', 'right', 'outer'])('merge, join %s', async (type) => {
  const join = type === 'outer' ? 'full' : type
  await agree(
    'merge',
    (one, two) => ({
      datasets: [
        { name: 'one', data: one },
        { name: 'two', data: two.filter(({ k }) => k !== 'b') },
      ],
      join_on: 'k',
      join_type: type,
    }),
    `select coalesce(one.k, t.k) k, one.c c, one.n n, t.c c_two, t.n n_two from one ${join} join (select * from two where k <> 'b') t on one.k = t.k`,
  )
})

test('deduplicate', async () => {
  await agree('transform', (data) => ({ data, operations: [{ type: 'deduplicate' }] }), 'select distinct * from one')
})

test('pivot', async () => {
  const cell = (head: string) => `coalesce(sum(n) filter (where c = '${head}'), 0) ${head}`
  await fc.assert(
    fc.asyncProperty(rows, async (data) => {
      const heads = [...new Set(data.map(({ c }) => c))]
      const pivoted = await run('pivot', { data, index: 'k', columns: 'c', values: 'n' })
      expect(sorted(pivoted)).toEqual(sorted(ask(`select k, ${heads.map(cell).join(', ')} from one group by k`, data)))
    }),
    runs(60),
  )
})

test('calculate', async () => {
  const expressions = { twice: 'n * 2', label: "k ~ '-' ~ c", big: '1 if n > 100 else 0' }
  await agree(
    'transform',
    (data) => ({ data: data.filter(({ n }) => n !== null), operations: [{ type: 'calculate', expressions }] }),
    "select k, c, n, n * 2 twice, k || '-' || c label, iif(n > 100, 1, 0) big from one where n is not null",
  )
})
