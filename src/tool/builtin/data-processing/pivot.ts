import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { defineTool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { dataInputSchema, dataOutputSchema, readData, tableResult, toTable } from '../table/data.ts'
import { AGGREGATE_FUNCTIONS, type AggregateFunction, aggregate } from '../table/statistics.ts'
import {
  cellOf,
  checkCellCount,
  checkColumn,
  checkColumnCount,
  checkUniqueNames,
  type Table,
  type TableRow,
  valueIdentity,
} from '../table/table.ts'
import { groupBy, parseColumns } from './aggregate.ts'

const column = z.union([z.string(), z.tuple([z.string()])], 'expected a column, or a list of one')
const nameOf = (given: z.infer<typeof column>) => (typeof given === 'string' ? given : given[0])

/** `data-processing:pivot`: a row per value of `index`, a column per value of `columns`, cells from `values`. */
export const pivotTool = defineTool({
  name: 'data-processing:pivot',
  description: 'Turns the values of a column into columns',
  input: dataInputSchema({
    index: z.union([z.string(), z.array(z.string()).min(1)]).describe('one or more columns that identify a row'),
    columns: column.describe('the column whose values become columns'),
    values: column.describe('the column whose values fill the cells'),
    aggfunc: z.enum(AGGREGATE_FUNCTIONS).default('sum').describe('how several values of a cell are combined'),
    fill_value: anyJson.default(0).describe('the value of empty cells'),
  }),
  output: dataOutputSchema('pivot', { rows: z.int(), columns: z.array(z.string()) }),
  effect: 'pure',
  async execute(call, context) {
    const given = await readData(call, context)
    const table = toTable(given)
    const index = parseColumns(call.index, table, 'index')
    const plan = { ...call, columns: nameOf(call.columns), values: nameOf(call.values) }
    for (const name of ['columns', 'values'] as const) checkColumn(table, plan[name], name)
    const pivoted = pivot(table, index, plan)
    const more = { rows: pivoted.rows.length, columns: [...pivoted.columns] }
    return { ...tableResult('pivot' as const, pivoted, call, given), ...more }
  },
})

type Plan = {
  readonly columns: string
  readonly values: string
  readonly aggfunc: AggregateFunction
  readonly fill_value: Json
}

function pivot(table: Table, index: readonly string[], { columns, values, aggfunc, fill_value }: Plan): Table {
  const heads = headsOf(table, columns)
  const names = [...index, ...heads.values()]
  checkColumnCount(names.length)
  checkUniqueNames(names, 'columns')
  const groups = groupBy(table.rows, index)
  checkCellCount(groups.length, names.length)
  const rows = groups.map((group): TableRow => {
    const cells = new Map(groupBy(group, [columns]).map((rows) => [valueIdentity(rows[0]![columns]), rows]))
    const labels = index.map((column): readonly [string, Json] => [column, group[0]![column] ?? null])
    const made = [...heads].map(([identity, head]): readonly [string, Json] => {
      const found = cells.get(identity)?.map((row) => cellOf(row, values))
      return [head, (found && aggregate(aggfunc, found, values)) ?? fill_value]
    })
    return Object.fromEntries([...labels, ...made])
  })
  return { columns: names, rows }
}

/** The new columns, in order of first appearance. */
function headsOf({ rows }: Table, column: string): ReadonlyMap<string, string> {
  const heads = new Map<string, string>()
  for (const row of rows) {
    const value = cellOf(row, column) ?? null
    const identity = valueIdentity(value)
    if (!heads.has(identity)) heads.set(identity, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return heads
}
