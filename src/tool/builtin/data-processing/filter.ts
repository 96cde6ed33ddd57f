import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import { defineTool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { dataOutputSchema, tableResult } from '../table/data-output.ts'
import { adviceOnMissing, dataInputSchema, readData, toTable } from '../table/read-data.ts'
import { cellOf, checkColumn, type Table, type TableRow, valueIdentity } from '../table/table.ts'
import { createFormula } from './formula.ts'

const criteria = z.record(z.string(), anyJson).describe('values by column; a list matches any of its values')
const condition = z.string().min(1).describe("an expression over the columns, such as amount > 10 and state != 'void'")
const options = { criteria: criteria.optional(), condition: condition.optional() }

/** `data-processing:filter`: keeps rows that meet all criteria and the condition. */
export const filterTool = Object.assign(
  defineTool({
    name: 'data-processing:filter',
    description: 'Keeps the rows that match',
    input: dataInputSchema({
      operation: z.looseObject(options).optional().describe('criteria or condition'),
      ...options,
    }),
    output: dataOutputSchema('filter', { original_count: z.int(), filtered_count: z.int() }),
    effect: 'pure',
    async execute(call, context) {
      const given = await readData(call, context)
      const table = toTable(given)
      const matches = matcherOf({ ...call.operation, ...defined(call) }, table)
      const rows = table.rows.filter((row, index) => matches(row, index + 1))
      const answer = tableResult('filter' as const, { ...table, rows }, call, given)
      return { ...answer, original_count: table.rows.length, filtered_count: rows.length }
    },
  }),
  {
    adviceOn: adviceOnMissing(
      ['criteria', 'condition'],
      ['criteria', 'condition'],
      "such as criteria: { state: paid }, or condition: 'amount > 10'",
    ),
  },
)

type Options = { readonly [Name in keyof typeof options]?: z.infer<(typeof options)[Name]> }

function defined({ criteria, condition }: Options): Options {
  return { ...(criteria && { criteria }), ...(condition !== undefined && { condition }) }
}

/** A predicate for rows. A criterion on a missing column never matches. */
function matcherOf({ criteria, condition }: Options, table: Table): (row: TableRow, number: number) => boolean {
  if (!criteria && condition === undefined)
    throw new InvalidError('operation: expected criteria or a condition', { place: { path: 'operation' } })
  const wanted = Object.entries(criteria ?? {}).map(([column, value]) => {
    checkColumn(table, column, 'criteria')
    return [column, new Set((Array.isArray(value) ? value : [value]).map(valueIdentity))] as const
  })
  const formula = condition === undefined ? undefined : createFormula(condition, table, 'condition')
  return (row, number) =>
    wanted.every(([column, values]) => values.has(valueIdentity(cellOf(row, column)))) &&
    (formula?.holds(row, number) ?? true)
}
