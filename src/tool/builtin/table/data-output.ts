import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { anyJson } from '../any-json.ts'
import { MAX_FILE_BYTES } from '../filesystem/path.ts'
import { writeCsv } from './csv.ts'
import { type DataCall, type DataFormat, type DataSource, isSingleMap } from './read-data.ts'
import type { Table } from './table.ts'

/** The output schema of a data operation: the shared fields and its own. */
export function dataOutputSchema<Action extends string, Shape extends z.ZodRawShape>(action: Action, shape: Shape) {
  return z.object({ action: z.literal(action), data: anyJson, processed_data: anyJson, ...shape })
}

/**
 * Formats a table as requested. `data` is CSV text, a list, or again the map that was given.
 * `processed_data` is the same as a list that prints as that text.
 */
export function tableResult<Action extends string>(action: Action, table: Table, call: DataCall, given: DataSource) {
  const format = (call.output_format ?? given.format) as DataFormat
  if (format === 'csv') return { action, data: toCsv(table, call), processed_data: table.rows as Json }
  const data = (isSingleMap(given) && table.rows.length === 1 ? table.rows[0]! : table.rows) as Json
  return { action, data, processed_data: data }
}

export function valueResult<Action extends string>(action: Action, data: Json) {
  return { action, data, processed_data: data }
}

/** @throws TerminalError if the CSV text is larger than the limit for files */
function toCsv(table: Table, call: DataCall): string {
  const text = writeCsv(table, String(call.delimiter ?? ','))
  if (text.length <= MAX_FILE_BYTES) return text
  throw new TerminalError(`The result has more than ${MAX_FILE_BYTES / 1024 / 1024} MiB of CSV.`, { code: 'too_large' })
}
