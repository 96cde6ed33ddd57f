import { InvalidError, is, problemOf } from '../../../errors.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { listReferences, parseExpression, renderTemplate, testCondition, viewOf } from '../../../template/template.ts'
import { readDate } from '../../../template/text/dates.ts'
import { describeFormatFault, formatDate } from '../../../template/text/strftime.ts'
import { textView } from '../../../template/view.ts'
import { cellOf, isMissingCell, type Table, type TableRow } from '../table/table.ts'

/** An expression over the columns of a row. The template evaluator interprets it; it never runs as code. */
type Formula = { value(row: TableRow, number: number): Json; holds(row: TableRow, number: number): boolean }

/** Limits per row. */
const FORMULA_LIMITS = { steps: 20_000, output: 1_000_000, items: 10_000, depth: 50 } as const
const MAX_FORMULA_LENGTH = 4096

/**
 * Compiles an expression. A row without a column that it uses has no value and meets no condition.
 * @throws InvalidError for a syntax error or an unknown column
 */
export function createFormula(text: string, { columns, rows }: Table, where: string): Formula {
  if (text.length > MAX_FORMULA_LENGTH) throw invalid(`longer than ${MAX_FORMULA_LENGTH} characters`, where)
  const names = new Set(columns)
  const expression = parsing(where, () => parseExpression(text, { names: hyphenated(columns) }))
  const read = listReferences(expression).filter(({ called }) => !called)
  // an empty table has no known columns, so every name is accepted
  if (rows.length > 0)
    for (const { name } of read) if (!names.has(name) && name !== 'row') throw unknown(name, columns, where)
  const evaluate = <T>(row: TableRow, number: number, otherwise: T, act: (scope: TemplateScope) => T): T => {
    try {
      return act(scopeOf(row, names))
    } catch (error) {
      if (read.some(({ name }) => names.has(name) && isMissingCell(cellOf(row, name)))) return otherwise
      throw invalid(`row ${number}: ${problemOf(error).message}`, where)
    }
  }
  return {
    value: (row, number) =>
      evaluate<Json>(row, number, null, (scope) => renderTemplate(expression, scope, FORMULA_LIMITS) as Json),
    holds: (row, number) =>
      evaluate(row, number, false, (scope) => testCondition({ source: text, test: expression }, scope, FORMULA_LIMITS)),
  }
}

/** `order-id` is one name if a column has that name. */
function hyphenated(columns: readonly string[]): ReadonlySet<string> {
  return new Set(columns.filter((column) => /^[A-Za-z_][\w-]*$/.test(column) && column.includes('-')))
}

function scopeOf(row: TableRow, columns: ReadonlySet<string>): TemplateScope {
  return {
    get(name) {
      if (columns.has(name)) return seen(cellOf(row, name))
      if (name === 'row') return Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, seen(cell)]))
      return Object.hasOwn(SQL_FUNCTIONS, name.toUpperCase()) ? SQL_FUNCTIONS[name.toUpperCase()] : undefined
    },
  }
}

/** Comparisons and calculations read a text as a number if it is one. */
function seen(cell: Json | undefined): unknown {
  return isMissingCell(cell) ? null : typeof cell === 'string' ? textView(cell) : cell
}

/** Functions with their SQL names, besides the functions of templates. */
const SQL_FUNCTIONS: { readonly [name: string]: (...values: readonly unknown[]) => unknown } = {
  DATE_FORMAT: (value, format) => (isMissingCell(plain(value)) ? null : dateText(plain(value), plain(format))),
  UPPER: (value) => plain(value).toUpperCase(),
  LOWER: (value) => plain(value).toLowerCase(),
  TRIM: (value) => plain(value).trim(),
  CONCAT: (...values) => values.map(plain).join(''),
  COALESCE: (...values) => values.find((value) => plain(value) !== '') ?? null,
}

/** A date by a format; a cell that is not a date fails. */
function dateText(cell: string, format: string): string {
  const fault = describeFormatFault(format)
  if (fault !== undefined) throw new InvalidError(`DATE_FORMAT: ${fault}`)
  const moment = readDate(cell)
  if (typeof moment !== 'string') return formatDate(moment, format)
  throw new InvalidError(`DATE_FORMAT('${format}'): ${moment}, got '${cell.slice(0, 60)}'.`)
}

function plain(value: unknown): string {
  return viewOf(value)?.text() ?? (value === null || value === undefined ? '' : asText(value as Json))
}

function parsing<T>(where: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw is(error) ? invalid(error.message, where) : error
  }
}

function unknown(name: string, columns: readonly string[], where: string): InvalidError {
  const hint = `The columns are ${columns.slice(0, 20).join(', ')}; others are read as row['name'].`
  return new InvalidError(`${where}: there is no column \`${name}\`.`, { place: { path: where }, hint })
}

function invalid(what: string, where: string): InvalidError {
  return new InvalidError(`${where}: ${what}`, { place: { path: where } })
}
