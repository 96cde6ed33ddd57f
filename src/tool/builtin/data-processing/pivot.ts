import { z } from 'zod'
import type { Json } from '../../../kernel/schema.ts'
import { defineTool } from '../../tool.ts'
import { anything } from '../any-json.ts'
import { answerTable, dataOutput } from '../table/data-output.ts'
import { dataInput, readData, tableIn } from '../table/read-data.ts'
import { type AggregateFunction, aggregate, FUNCTIONS } from '../table/statistics.ts'
import {
  cellOf,
  checkCells,
  checkColumn,
  checkColumns,
  checkNames,
  identityOf,
  type Row,
  type Table,
} from '../table/table.ts'
import { columnsIn, groupsOf } from './aggregate.ts'

const column = z.union([z.string(), z.tuple([z.string()])], 'expected a column, or a list of one')
const nameOf = (given: z.infer<typeof column>) => (typeof given === 'string' ? given : given[0])

/** `data-processing:pivot`: a row per value of `index`, a column per value of `columns`, in it the `values` in one. */
export const pivotTool = defineTool({
  name: 'data-processing:pivot',
  description: 'Turns the values of a column into columns',
  input: dataInput({
    index: z.union([z.string(), z.array(z.string()).min(1)]).describe('the column, or columns, that stay'),
    columns: column.describe('the column whose values become columns; also as a list of one'),
    values: column.describe('the column whose values fill them; also as a list of one'),
    aggfunc: z.enum(FUNCTIONS).default('sum').describe('what becomes of several values for one place'),
    fill_value: anything.default(0).describe('what stands where there is none'),
  }),
  output: dataOutput('pivot', { rows: z.int(), columns: z.array(z.string()) }),
  effect: 'pure',
  async execute(call, context) {
    const given = await readData(call, context)
    const table = tableIn(given)
    const index = columnsIn(call.index, table, 'index')
    const plan = { ...call, columns: nameOf(call.columns), values: nameOf(call.values) }
    for (const name of ['columns', 'values'] as const) checkColumn(table, plan[name], name)
    const pivoted = pivot(table, index, plan)
    const more = { rows: pivoted.rows.length, columns: [...pivoted.columns] }
    return { ...answerTable('pivot' as const, pivoted, call, given), ...more }
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
  checkColumns(names.length)
  checkNames(names, 'columns')
  const groups = groupsOf(table.rows, index)
  checkCells(groups.length, names.length)
  const rows = groups.map((group): Row => {
    const cells = new Map(groupsOf(group, [columns]).map((rows) => [identityOf(rows[0]![columns]), rows]))
    const kept = index.map((column): readonly [string, Json] => [column, group[0]![column] ?? null])
    const made = [...heads].map(([identity, head]): readonly [string, Json] => {
      const found = cells.get(identity)?.map((row) => cellOf(row, values))
      return [head, (found && aggregate(aggfunc, found, values)) ?? fill_value]
    })
    return Object.fromEntries([...kept, ...made])
  })
  return { columns: names, rows }
}

/** The new columns in the order in which their values appear. */
function headsOf({ rows }: Table, column: string): ReadonlyMap<string, string> {
  const heads = new Map<string, string>()
  for (const row of rows) {
    const value = cellOf(row, column) ?? null
    const identity = identityOf(value)
    if (!heads.has(identity)) heads.set(identity, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return heads
}
