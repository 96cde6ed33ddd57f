import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import { fromWhole, isLongWhole, wholeOf } from '../../../lib/json/whole.ts'
import { parseDate } from '../../../template/text/dates.ts'
import { parseBoolean } from '../../parse-text.ts'
import { anyJson } from '../any-json.ts'
import { AGGREGATE_FUNCTIONS, aggregate } from '../table/statistics.ts'
import {
  cellOf,
  checkColumn,
  checkColumnCount,
  checkUniqueNames,
  isMissingCell,
  parseCellNumber,
  setFields,
  type Table,
  type TableRow,
  valueIdentity,
} from '../table/table.ts'
import { parseColumns } from './aggregate.ts'
import { dropDuplicates } from './clean.ts'
import { type ColumnFill, FILL_METHODS, type FillMethod, fillColumns } from './fill.ts'
import { createFormula } from './formula.ts'

const names = z.union([z.string(), z.array(z.string())])
const kinds = z.enum(['integer', 'float', 'string', 'boolean', 'datetime'])

export const transformationSchema = z.discriminatedUnion('type', [
  z
    .object({
      type: z.literal('filter'),
      condition: z.string().min(1).optional(),
      field: z.string().optional(),
      value: anyJson.optional(),
    })
    .refine(
      ({ condition, field }) => condition !== undefined || field !== undefined,
      'expected a condition, or a field and its value',
    ),
  z.object({ type: z.literal('aggregate'), operation: z.enum(AGGREGATE_FUNCTIONS), field: z.string() }),
  z.object({ type: z.literal('rename_fields'), mapping: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('add_field'), field: z.string(), value: anyJson }),
  z.object({
    type: z.literal('deduplicate'),
    columns: names.optional(),
    keep: z.enum(['first', 'last']).default('first'),
  }),
  z.object({ type: z.literal('cast'), columns: z.record(z.string(), kinds) }),
  z.object({ type: z.literal('fill_missing'), strategy: z.record(z.string(), anyJson) }),
  z.object({ type: z.literal('calculate'), expressions: z.record(z.string(), z.string()) }),
])
type Transformation = z.infer<typeof transformationSchema>

export const TRANSFORMATION_TYPES = transformationSchema.options.map(({ shape }) => shape.type.value)

export function applyTransformations(table: Table, list: readonly Transformation[]): Table {
  return list.reduce((made, one, index) => apply(made, one, `operations.${index}`), table)
}

function apply(table: Table, one: Transformation, where: string): Table {
  switch (one.type) {
    case 'filter':
      return filter(table, one, where)
    case 'aggregate':
      return aggregateWhole(table, one, where)
    case 'rename_fields':
      return rename(table, one.mapping, where)
    case 'add_field':
      return setColumns(table, [one.field], () => [[one.field, one.value]])
    case 'deduplicate':
      return dropDuplicates(
        table,
        one.columns === undefined ? table.columns : parseColumns(one.columns, table, `${where}.columns`),
        one.keep,
      )
    case 'cast':
      return cast(table, Object.entries(one.columns), where)
    case 'fill_missing':
      return fillIn(table, Object.entries(one.strategy), where)
    case 'calculate':
      return Object.entries(one.expressions).reduce((made, [column, text]) => {
        const formula = createFormula(text, made, `${where}.expressions.${column}`)
        return setColumns(made, [column], (row, number) => [[column, formula.value(row, number)]])
      }, table)
  }
}

function filter(table: Table, { condition, field, value }: Transformation & { type: 'filter' }, where: string): Table {
  const formula = condition === undefined ? undefined : createFormula(condition, table, `${where}.condition`)
  if (field !== undefined) checkColumn(table, field, `${where}.field`)
  const wanted = valueIdentity(value)
  const keeps = (row: TableRow, index: number) =>
    (formula?.holds(row, index + 1) ?? true) && (field === undefined || valueIdentity(cellOf(row, field)) === wanted)
  return { ...table, rows: table.rows.filter(keeps) }
}

/** Aggregates a whole table into one row with one field, such as `sum_amount`. */
function aggregateWhole(
  table: Table,
  { operation, field }: Transformation & { type: 'aggregate' },
  where: string,
): Table {
  checkColumn(table, field, `${where}.field`)
  const column = `${field}_${operation}`
  const values = table.rows.map((row) => cellOf(row, field))
  return { columns: [column], rows: [Object.fromEntries([[column, aggregate(operation, values, field)]])] }
}

function rename(table: Table, mapping: { readonly [from: string]: string }, where: string): Table {
  for (const from of Object.keys(mapping)) checkColumn(table, from, `${where}.mapping`)
  const nameOf = (column: string) => (Object.hasOwn(mapping, column) ? mapping[column]! : column)
  const columns = table.columns.map(nameOf)
  checkUniqueNames(columns, `${where}.mapping`)
  const rows = table.rows.map(
    (row): TableRow => Object.fromEntries(Object.entries(row).map(([column, cell]) => [nameOf(column), cell])),
  )
  return { columns, rows }
}

type Fields = readonly (readonly [column: string, value: Json])[]

/** Sets all columns in one pass: one pass per column would copy each row several times. */
function setColumns(table: Table, columns: readonly string[], make: (row: TableRow, number: number) => Fields): Table {
  const all = [...new Set([...table.columns, ...columns])]
  checkColumnCount(all.length)
  return { columns: all, rows: table.rows.map((row, index) => setFields(row, make(row, index + 1))) }
}

function fillIn(table: Table, strategy: Fields, where: string): Table {
  for (const [column] of strategy) checkColumn(table, column, `${where}.strategy`)
  const fillings = strategy.map(
    ([column, fill]): ColumnFill => [
      column,
      FILL_METHODS.includes(fill as FillMethod) ? (fill as FillMethod) : { value: fill },
    ],
  )
  return fillColumns(table, fillings)
}

type CastKind = z.infer<typeof kinds>

function cast(table: Table, casts: readonly (readonly [column: string, kind: CastKind])[], where: string): Table {
  const columns = casts.map(([column]) => column)
  for (const column of columns) checkColumn(table, column, `${where}.columns`)
  return setColumns(table, columns, (row, number) =>
    casts.map(([column, kind]) => [column, castCell(cellOf(row, column), kind, `${where}: row ${number}`, column)]),
  )
}

function castCell(cell: Json | undefined, kind: CastKind, where: string, column: string): Json {
  if (isMissingCell(cell)) return null
  const made = CAST_FUNCTIONS[kind](cell)
  if (made !== undefined) return made
  const shown = JSON.stringify(cell).slice(0, 60)
  throw new TerminalError(`${where}: column \`${column}\`: expected ${kind}, got ${shown}.`, { code: 'tool_failed' })
}

const CAST_FUNCTIONS: { readonly [Name in CastKind]: (cell: Json) => Json | undefined } = {
  integer: (cell) => {
    const number = typeof cell === 'boolean' ? Number(cell) : parseCellNumber(cell)
    if (isLongWhole(cell)) return fromWhole(wholeOf(cell)!)
    return number !== undefined && Number.isSafeInteger(number) ? number : undefined
  },
  float: (cell) => (typeof cell === 'boolean' ? Number(cell) : parseCellNumber(cell)),
  string: (cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell)),
  boolean: (cell) => parseBoolean(asText(cell)),
  datetime: (cell) => (typeof cell === 'string' && parseDate(cell) ? cell.trim().replace(' ', 'T') : undefined),
}
