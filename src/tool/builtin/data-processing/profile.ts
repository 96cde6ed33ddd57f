import { z } from 'zod'
import { asText, type Json } from '../../../kernel/json.ts'
import { isLongWhole, wholeOf } from '../../../lib/json/whole.ts'
import { parseDate } from '../../../template/text/dates.ts'
import { defineTool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { dataInputSchema, dataOutputSchema, readData, toTable, valueResult } from '../table/data.ts'
import { aggregate, outlierBounds, standardDeviation } from '../table/statistics.ts'
import { cellOf, isMissingCell, parseCellNumber, type Table, valueIdentity } from '../table/table.ts'
import { dropDuplicates } from './clean.ts'

/** A number, or the digits of a whole number beyond 2^53. */
const exactNumberSchema = z.union([z.number(), z.string()]).exactOptional()

const profile = z.object({
  name: z.string(),
  data_type: z.enum(['integer', 'float', 'boolean', 'datetime', 'string', 'object', 'mixed', 'empty']),
  missing_count: z.int(),
  missing_percentage: z.number(),
  unique_count: z.int(),
  min: anyJson.exactOptional(),
  max: anyJson.exactOptional(),
  sum: exactNumberSchema,
  mean: exactNumberSchema,
  median: exactNumberSchema,
  std: z.number().nullable().exactOptional(),
  outlier_count: z.int().exactOptional(),
  outlier_percentage: z.number().exactOptional(),
})
type Profile = z.infer<typeof profile>
const fields = {
  row_count: z.int(),
  column_count: z.int(),
  duplicate_rows: z.int(),
  columns: z.record(z.string(), profile),
}

/** `data-processing:profile`: types, missing values, ranges and outliers per column. */
export const profileTool = defineTool({
  name: 'data-processing:profile',
  description: 'Describes the columns of a table',
  input: dataInputSchema({
    profiling_options: z
      .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
      .optional()
      .describe('accepted without effect: the profile is always complete'),
  }),
  output: dataOutputSchema('profile', fields),
  effect: 'pure',
  async execute(call, context) {
    const table = toTable(await readData(call, context))
    const profile = {
      row_count: table.rows.length,
      column_count: table.columns.length,
      duplicate_rows: table.rows.length - dropDuplicates(table).rows.length,
      columns: Object.fromEntries(table.columns.map((column) => [column, profileOf(column, table)])),
    }
    return { ...valueResult('profile' as const, profile as Json), ...profile }
  },
})

function profileOf(name: string, { rows }: Table): Profile {
  const cells = rows.map((row) => cellOf(row, name))
  const there = cells.filter((cell) => !isMissingCell(cell)) as readonly Json[]
  const missing = cells.length - there.length
  const data_type = typeOf(there)
  return {
    name,
    data_type,
    missing_count: missing,
    missing_percentage: percentage(missing, cells.length),
    unique_count: new Set(there.map(valueIdentity)).size,
    ...(there.length > 0 && { min: aggregate('min', there, name), max: aggregate('max', there, name) }),
    ...((data_type === 'integer' || data_type === 'float') && numbersIn(there, name)),
  }
}

function numbersIn(cells: readonly Json[], name: string): Partial<Profile> {
  const numbers = cells.map((cell) => parseCellNumber(cell)!)
  const isMixed = cells.some(isLongWhole) && cells.some((cell) => wholeOf(cell) === undefined)
  const of = (wanted: 'sum' | 'mean' | 'median') => aggregate(wanted, cells, name) as number | string
  const [low, high] = outlierBounds(numbers)
  const outliers = numbers.filter((number) => number < low || number > high).length
  return {
    ...(!isMixed && { sum: of('sum') }),
    mean: of('mean'),
    median: of('median'),
    std: standardDeviation(numbers),
    outlier_count: outliers,
    outlier_percentage: percentage(outliers, numbers.length),
  }
}

function percentage(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100
}

/** The common type of all values. Texts count as what they can be parsed as. */
function typeOf(values: readonly Json[]): Profile['data_type'] {
  if (values.length === 0) return 'empty'
  const numbers = values.map((value) => parseCellNumber(value))
  if (numbers.every((number) => number !== undefined)) return numbers.every(Number.isInteger) ? 'integer' : 'float'
  if (values.every((value) => /^(true|false)$/i.test(asText(value)))) return 'boolean'
  if (values.every((value) => typeof value === 'string' && parseDate(value))) return 'datetime'
  if (values.every((value) => typeof value === 'object')) return 'object'
  return values.every((value) => typeof value === 'string') ? 'string' : 'mixed'
}
