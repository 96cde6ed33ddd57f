import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { defineTool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { adviceOnMissing, dataInputSchema, dataOutputSchema, readData, tableResult, toTable } from '../table/data.ts'
import type { Table, TableRow } from '../table/table.ts'
import { cellOf, checkColumn, isMissingCell, parseCellNumber, valueIdentity } from '../table/table.ts'
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
      checkKeys(call.operation ?? {})
      const { criteria, condition } = call
      const matches = matcherOf({ ...call.operation, ...present({ criteria, condition }) }, table)
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

/** A predicate for rows. InvalidError for a criterion that no row of this table could meet, because of its form. */
function matcherOf({ criteria, condition }: Options, table: Table): (row: TableRow, number: number) => boolean {
  if (!criteria && condition === undefined)
    throw new InvalidError('operation: expected criteria or a condition.', { place: { path: 'operation' } })
  const wanted = Object.entries(criteria ?? {}).map(([column, value]) => {
    checkColumn(table, column, 'criteria')
    for (const one of [value].flat()) checkForm(one as Json, column, table)
    return [column, new Set((Array.isArray(value) ? value : [value]).map(valueIdentity))] as const
  })
  const formula = condition === undefined ? undefined : createFormula(condition, table, 'condition')
  return (row, number) =>
    wanted.every(([column, values]) => values.has(valueIdentity(cellOf(row, column)))) &&
    (formula?.holds(row, number) ?? true)
}

/** Keys of filters elsewhere. Here they would be ignored, and other rows would stay. */
const FOREIGN_KEYS = ['operator', 'op', 'field', 'column', 'value', 'where', 'filters', 'conditions']

function checkKeys(operation: object): void {
  const key = Object.keys(operation).find((name) => FOREIGN_KEYS.includes(name))
  if (key === undefined) return
  throw new InvalidError(`operation.${key}: expected criteria or a condition, got \`${key}\`.`, {
    place: { path: `operation.${key}` },
    hint: "Write for example `criteria: { state: paid }` or `condition: 'amount > 10'`.",
  })
}

/** A criterion is a value of its column. Comparisons belong in a condition. */
function checkForm(value: Json, column: string, { rows }: Table): void {
  const cells = rows.map((row) => cellOf(row, column)).filter((cell) => !isMissingCell(cell))
  if (isMissingCell(value) || cells.length === 0) return
  const wrong = wrongForm(value, column, cells)
  if (wrong)
    throw new InvalidError(`criteria.${column}: ${wrong.message}`, {
      place: { path: `criteria.${column}` },
      hint: wrong.hint,
    })
}

type Fault = { readonly message: string; readonly hint: string }

function wrongForm(value: Json, column: string, cells: readonly (Json | undefined)[]): Fault | undefined {
  const said = JSON.stringify(value).slice(0, 60)
  const isAll = (type: string) => cells.every((cell) => typeof cell === type)
  const hint = `Write comparisons in a condition, such as \`condition: '${column} > 10'\`.`
  if (typeof value === 'object') {
    const isKnown = cells.some((cell) => typeof cell === 'object')
    return isKnown ? undefined : { message: `expected a value or a list of values, got ${said}`, hint }
  }
  if (typeof value === 'string' && /^\s*(?:[<>]=?|[!=]=|=)\s*\S/.test(value) && !cells.includes(value))
    return { message: `expected a value, got a comparison: ${said}`, hint }
  if (isAll('number') && parseCellNumber(value) === undefined)
    return {
      message: `expected a number, as the column has, got ${said}`,
      hint: 'Write a number, or a list of numbers.',
    }
  if (isAll('boolean') && typeof value !== 'boolean' && !['true', 'false'].includes(String(value)))
    return { message: `expected true or false, as the column has, got ${said}`, hint: 'Write true or false.' }
  return undefined
}
