import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { textEncodingInput } from '../filesystem/file-text.ts'
import type { DataFormat } from '../table/data.ts'
import { dataOutputSchema, delimiterInput, formatSchema, readValue, tableResult, toTable } from '../table/data.ts'
import {
  cellOf,
  checkCellCount,
  checkColumnCount,
  checkRowCount,
  checkUniqueNames,
  isMissingCell,
  rowIdentity,
  setFields,
  type Table,
  type TableRow,
} from '../table/table.ts'
import { parseColumns } from './aggregate.ts'

const input = z.object({
  datasets: z
    .array(z.object({ name: z.string().optional(), data: anyJson }))
    .min(1)
    .max(100)
    .describe('tables: {name, data}, each a list of maps, text or a path'),
  merge_strategy: z
    .enum(['combine', 'join', 'concat'])
    .default('combine')
    .describe('combine: join where join_on is given, else concat'),
  join_on: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe('the columns to join by'),
  join_type: z.enum(['inner', 'left', 'right', 'outer']).default('inner'),
  format: formatSchema.optional(),
  input_format: formatSchema.optional(),
  output_format: formatSchema.optional(),
  delimiter: delimiterInput,
  encoding: textEncodingInput,
})

/** `data-processing:merge`: concatenates tables, or joins them on columns. */
export const mergeTool = defineTool({
  name: 'data-processing:merge',
  description: 'Merges several tables into one',
  input: input.superRefine(({ merge_strategy, join_on }, context) => {
    if (merge_strategy === 'join' && join_on === undefined)
      context.addIssue({ code: 'custom', path: ['join_on'], message: 'expected the columns to join by' })
  }),
  output: dataOutputSchema('merge', {
    datasets_merged: z.int(),
    total_rows: z.int(),
    total_columns: z.int(),
    columns: z.array(z.string()),
  }),
  effect: 'pure',
  async execute(call, context) {
    const sets = await Array.fromAsync(call.datasets.entries(), ([index, set]) => readSet(set, index, call, context))
    const joins = call.merge_strategy === 'join' || (call.merge_strategy === 'combine' && call.join_on !== undefined)
    const [first, ...others] = sets
    const joined = (left: Table, right: Named) => join(left, right, call.join_on!, call.join_type)
    const merged = joins ? others.reduce(joined, first!.table) : concat(sets)
    const value = merged.rows as Json
    const format: DataFormat = sets.every((one) => one.format === 'csv') ? 'csv' : 'json'
    return {
      ...tableResult('merge' as const, merged, call, { value, table: merged, format, original: 'list' }),
      datasets_merged: sets.length,
      total_rows: merged.rows.length,
      total_columns: merged.columns.length,
      columns: [...merged.columns],
    }
  },
})

type Call = z.infer<typeof input>
type Named = { readonly name: string; readonly table: Table; readonly format: DataFormat }

async function readSet(set: Call['datasets'][number], index: number, call: Call, context: ToolContext): Promise<Named> {
  const wanted = call.input_format ?? call.format
  const { encoding, delimiter } = call
  const where = `datasets.${index}.data`
  const given = await readValue(set.data, { wanted, delimiter, where, ...(encoding && { encoding }) }, context)
  const table = toTable(given, where)
  return { name: set.name ?? String(index + 1), table, format: given.format }
}

function concat(sets: readonly Named[]): Table {
  const columns = [...new Set(sets.flatMap(({ table }) => table.columns))]
  checkColumnCount(columns.length)
  checkRowCount(sets.reduce((rows, { table }) => rows + table.rows.length, 0))
  return { columns, rows: sets.flatMap(({ table }) => table.rows) }
}

/** A column of both tables that is not a join column gets the name of its table as a suffix. */
function join(left: Table, { name, table: right }: Named, on: Call['join_on'] & {}, type: Call['join_type']): Table {
  const keys = parseColumns(on, left, 'join_on')
  parseColumns(on, right, 'join_on')
  const added = right.columns.filter((column) => !keys.includes(column))
  const renamed = added.map((column) => [column, left.columns.includes(column) ? `${column}_${name}` : column] as const)
  const columns = [...left.columns, ...renamed.map(([, column]) => column)]
  checkColumnCount(columns.length)
  checkUniqueNames(columns, 'datasets')
  return { columns, rows: joinRows(left, right, { keys, renamed, type }) }
}

type Plan = {
  readonly keys: readonly string[]
  readonly renamed: readonly (readonly [from: string, to: string])[]
  readonly type: Call['join_type']
}

function joinRows(left: Table, right: Table, plan: Plan): readonly TableRow[] {
  return pairsOf(left, right, plan).map(([row, partner]) => {
    if (!row) return aloneRow(partner, left, plan)
    const added = plan.renamed.map(([from, to]) => [to, (partner && cellOf(partner, from)) ?? null] as const)
    return setFields(row, added)
  })
}

type Pair = readonly [TableRow, TableRow | undefined] | readonly [undefined, TableRow]

/** The rows that become one row. They are counted before any is made. */
function pairsOf(left: Table, right: Table, { keys, renamed, type }: Plan): readonly Pair[] {
  const partners = Map.groupBy(right.rows, (row) => keyOf(row, keys))
  partners.delete(undefined)
  const pairs: Pair[] = []
  const add = (...pair: Pair) => {
    checkRowCount(pairs.push(pair))
    checkCellCount(pairs.length, left.columns.length + renamed.length)
  }
  for (const row of left.rows) {
    const found = partners.get(keyOf(row, keys)) ?? []
    for (const partner of found) add(row, partner)
    if (found.length === 0 && (type === 'left' || type === 'outer')) add(row, undefined)
  }
  if (type === 'inner' || type === 'left') return pairs
  const used = new Set(pairs.map(([, partner]) => partner))
  for (const partner of right.rows) if (!used.has(partner)) add(undefined, partner)
  return pairs
}

function aloneRow(partner: TableRow, left: Table, { keys, renamed }: Plan): TableRow {
  const empty = left.columns.map((column): readonly [string, Json] => [column, null])
  const own = [...keys.map((key) => [key, key] as const), ...renamed]
  return Object.fromEntries([...empty, ...own.map(([from, to]) => [to, cellOf(partner, from) ?? null])])
}

/** The join key of a row. A missing value matches nothing, not even another missing value. */
function keyOf(row: TableRow, keys: readonly string[]): string | undefined {
  return keys.some((key) => isMissingCell(cellOf(row, key))) ? undefined : rowIdentity(row, keys)
}
