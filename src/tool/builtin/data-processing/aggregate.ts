import { z } from 'zod'
import type { Json } from '../../../kernel/schema.ts'
import { defineTool } from '../../tool.ts'
import { anything } from '../any-json.ts'
import { answerTable, answerValue, dataOutput } from '../table/data-output.ts'
import { dataInput, readData, tableIn } from '../table/read-data.ts'
import { aggregate, FUNCTIONS } from '../table/statistics.ts'
import { cellOf, checkColumn, checkNames, identityOfRow, type Row, type Table } from '../table/table.ts'

const wanted = z.enum(FUNCTIONS)
const aggregations = z
  .record(z.string(), z.union([wanted, z.object({ column: z.string().optional(), function: wanted })]))
  .describe('by name of the new column: {column, function}; or a function by column')
const groups = z.union([z.string(), z.array(z.string())]).describe('a column, or several in a list or with commas')
const options = { group_by: groups.optional(), aggregations: aggregations.optional() }

/** `data-processing:aggregate`: one row per group; without groups, how many rows there are and one value for each aggregation. */
export const aggregateTool = defineTool({
  name: 'data-processing:aggregate',
  description: `Aggregates rows by group: ${FUNCTIONS.join(', ')}`,
  input: dataInput({ operation: z.object(options).optional().describe('group_by and aggregations'), ...options }),
  output: dataOutput('aggregate', {
    count: z.int(),
    aggregations: z.record(z.string(), anything).exactOptional(),
    original_count: z.int(),
  }),
  effect: 'pure',
  async execute(call, context) {
    const given = await readData(call, context)
    const table = tableIn(given)
    const plan = planOf(call.aggregations ?? call.operation?.aggregations ?? {}, table)
    const columns = columnsIn(call.group_by ?? call.operation?.group_by ?? [], table)
    const more = { original_count: table.rows.length }
    if (columns.length > 0) {
      const grouped = groupRows(table, columns, plan)
      return { ...answerTable('aggregate' as const, grouped, call, given), count: grouped.rows.length, ...more }
    }
    const whole = { count: table.rows.length, aggregations: Object.fromEntries(aggregateRows(table.rows, plan)) }
    return { ...answerValue('aggregate' as const, whole), ...whole, ...more }
  },
})

type Plan = readonly { readonly name: string; readonly column: string; readonly wanted: (typeof FUNCTIONS)[number] }[]

/** `{ total: { column: 'amount', function: 'sum' } }`, or the older `{ amount: 'sum' }`, which makes `amount_sum`. */
function planOf(given: z.infer<typeof aggregations>, table: Table): Plan {
  return Object.entries(given).map(([name, one]) => {
    const plan =
      typeof one === 'string'
        ? { name: `${name}_${one}`, column: name, wanted: one }
        : { name, column: one.column ?? name, wanted: one.function }
    // a count of rows needs no column
    if (plan.wanted !== 'count' || typeof one === 'string' || one.column !== undefined)
      checkColumn(table, plan.column, `aggregations.${name}`)
    return plan
  })
}

/** The columns that a list, or a text with commas, names. */
export function columnsIn(given: string | readonly string[], table: Table, where = 'group_by'): readonly string[] {
  const names = typeof given === 'string' && !table.columns.includes(given) ? given.split(',') : [given].flat()
  const columns = names.map((name) => (table.columns.includes(name) ? name : name.trim())).filter((name) => name !== '')
  for (const column of columns) checkColumn(table, column, where)
  return columns
}

function groupRows(table: Table, columns: readonly string[], plan: Plan): Table {
  const names = [...new Set(columns), ...plan.map(({ name }) => name)]
  checkNames(names, 'aggregations')
  const groups = groupsOf(table.rows, columns)
  const rows = groups.map((rows): Row => {
    const keys = columns.map((column): readonly [string, Json] => [column, rows[0]![column] ?? null])
    return Object.fromEntries([...keys, ...aggregateRows(rows, plan)])
  })
  return { columns: names, rows }
}

/** Rows with the same values in these columns, by group, in the order in which the groups appear. */
export function groupsOf(rows: readonly Row[], columns: readonly string[]): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const identity = identityOfRow(row, columns)
    const group = groups.get(identity)
    if (group) group.push(row)
    else groups.set(identity, [row])
  }
  return [...groups.values()]
}

function aggregateRows(rows: readonly Row[], plan: Plan): readonly (readonly [string, Json])[] {
  return plan.map(({ name, column, wanted }) => {
    const isCounted = wanted === 'count' && rows.every((row) => cellOf(row, column) === undefined)
    const values = rows.map((row) => cellOf(row, column))
    return [name, isCounted ? rows.length : aggregate(wanted, values, column)] as const
  })
}
