import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { defineTool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { dataInputSchema, dataOutputSchema, readData, tableResult, toTable, valueResult } from '../table/data.ts'
import { AGGREGATE_FUNCTIONS, aggregate } from '../table/statistics.ts'
import { cellOf, checkColumn, checkUniqueNames, rowIdentity, type Table, type TableRow } from '../table/table.ts'

const wanted = z.enum(AGGREGATE_FUNCTIONS)
const aggregations = z
  .record(z.string(), z.union([wanted, z.object({ column: z.string().optional(), function: wanted })]))
  .describe('new columns: {name: {column, function}}, or {column: function}')
const groups = z
  .union([z.string(), z.array(z.string())])
  .describe('a column, a list of columns, or columns separated by commas')
const options = { group_by: groups.optional(), aggregations: aggregations.optional() }

/** `data-processing:aggregate`: one row per group; without groups, the number of rows and a value per aggregation. */
export const aggregateTool = defineTool({
  name: 'data-processing:aggregate',
  description: `Aggregates rows by group: ${AGGREGATE_FUNCTIONS.join(', ')}`,
  input: dataInputSchema({ operation: z.object(options).optional().describe('group_by and aggregations'), ...options }),
  output: dataOutputSchema('aggregate', {
    count: z.int(),
    aggregations: z.record(z.string(), anyJson).exactOptional(),
    original_count: z.int(),
  }),
  effect: 'pure',
  async execute(call, context) {
    const given = await readData(call, context)
    const table = toTable(given)
    const plan = planOf(call.aggregations ?? call.operation?.aggregations ?? {}, table)
    const columns = parseColumns(call.group_by ?? call.operation?.group_by ?? [], table)
    const more = { original_count: table.rows.length }
    if (columns.length > 0) {
      const grouped = groupRows(table, columns, plan)
      return { ...tableResult('aggregate' as const, grouped, call, given), count: grouped.rows.length, ...more }
    }
    const whole = { count: table.rows.length, aggregations: Object.fromEntries(aggregateRows(table.rows, plan)) }
    return { ...valueResult('aggregate' as const, whole), ...whole, ...more }
  },
})

type Plan = readonly {
  readonly name: string
  readonly column: string
  readonly wanted: (typeof AGGREGATE_FUNCTIONS)[number]
}[]

/** `{ total: { column: 'amount', function: 'sum' } }`, or the older `{ amount: 'sum' }`, which makes `amount_sum`. */
function planOf(given: z.infer<typeof aggregations>, table: Table): Plan {
  return Object.entries(given).map(([name, one]) => {
    const plan =
      typeof one === 'string'
        ? { name: `${name}_${one}`, column: name, wanted: one }
        : { name, column: one.column ?? name, wanted: one.function }
    // counting rows needs no column
    if (plan.wanted !== 'count' || typeof one === 'string' || one.column !== undefined)
      checkColumn(table, plan.column, `aggregations.${name}`)
    return plan
  })
}

/** The columns of a list or of a text with commas. */
export function parseColumns(given: string | readonly string[], table: Table, where = 'group_by'): readonly string[] {
  const names = typeof given === 'string' && !table.columns.includes(given) ? given.split(',') : [given].flat()
  const columns = names.map((name) => (table.columns.includes(name) ? name : name.trim())).filter((name) => name !== '')
  for (const column of columns) checkColumn(table, column, where)
  return columns
}

function groupRows(table: Table, columns: readonly string[], plan: Plan): Table {
  const names = [...new Set(columns), ...plan.map(({ name }) => name)]
  checkUniqueNames(names, 'aggregations')
  const groups = groupBy(table.rows, columns)
  const rows = groups.map((rows): TableRow => {
    const keys = columns.map((column): readonly [string, Json] => [column, rows[0]![column] ?? null])
    return Object.fromEntries([...keys, ...aggregateRows(rows, plan)])
  })
  return { columns: names, rows }
}

/** Groups rows that have the same values in these columns. Groups keep the order of first appearance. */
export function groupBy(rows: readonly TableRow[], columns: readonly string[]): readonly (readonly TableRow[])[] {
  return [...Map.groupBy(rows, (row) => rowIdentity(row, columns)).values()]
}

function aggregateRows(rows: readonly TableRow[], plan: Plan): readonly (readonly [string, Json])[] {
  return plan.map(({ name, column, wanted }) => {
    const isCounted = wanted === 'count' && rows.every((row) => cellOf(row, column) === undefined)
    const values = rows.map((row) => cellOf(row, column))
    return [name, isCounted ? rows.length : aggregate(wanted, values, column)] as const
  })
}
