import { exactNumber, type Json } from '../../../kernel/json.ts'
import { ownValue } from '../../../lib/own.ts'
import { parseBoolean } from '../../parse-text.ts'
import { parseCellNumber } from '../table/table.ts'
import { type CheckedSchema, createChecker, type SchemaFault } from './validator.ts'

/** Data to validate, whole or row by row. `isText`: cells of CSV are texts, read as the types of the schema. */
export type CheckRequest = {
  readonly schema: CheckedSchema
  readonly data: Json
  readonly byRow: boolean
  readonly isLenient: boolean
  readonly isText: boolean
}

/** The faults per value. `value` is set if lenient mode changed it. */
export type CheckResult = {
  readonly notes: readonly string[]
  readonly checked: readonly {
    readonly value?: Json
    readonly faults: readonly SchemaFault[]
    readonly changed: readonly SchemaFault[]
  }[]
}

/** Validates all values synchronously. Run time depends on schema and data. */
export async function checkData({ schema, data, byRow, isLenient, isText }: CheckRequest): Promise<CheckResult> {
  const coerces = isLenient || isText
  const { notes, check } = await createChecker(schema, data, coerces)
  const values = byRow ? (data as readonly Json[]) : [data]
  const first = check(values, coerces ? 'all' : 'told')
  if (!coerces) return { notes, checked: first.map((faults) => ({ faults, changed: [] })) }
  const coerced = values.map((value, index) => coerceTypes(value, first[index]!))
  const again = check(coerced.map(({ value }) => value))
  const checked = coerced.map(({ value, changed }, index) => ({
    value,
    faults: again[index]!,
    changed: isText ? [] : changed,
  }))
  return { notes, checked }
}

/** A value converted without loss, and the conversions. */
type CoercedValue = {
  readonly value: Json
  readonly changed: readonly (SchemaFault & { readonly coerced_to: Json })[]
}

/** Converts every part of the wrong type that parses as the right type. */
function coerceTypes(value: Json, faults: readonly SchemaFault[]): CoercedValue {
  const changed: (SchemaFault & { coerced_to: Json })[] = []
  let made = value
  for (const fault of faults) {
    const to = fault.types && convert(at(made, fault.path), fault.types)
    if (to === undefined) continue
    made = replace(made, fault.path, to)
    changed.push({ ...fault, coerced_to: to })
  }
  return { value: made, changed }
}

function convert(value: Json | undefined, types: readonly string[]): Json | undefined {
  if (typeof value === 'string') return readText(value.trim(), types)
  if ((typeof value === 'number' || typeof value === 'boolean') && types.includes('string')) return String(value)
  return undefined
}

function readText(text: string, types: readonly string[]): Json | undefined {
  const number = parseCellNumber(text)
  if (types.includes('integer') && Number.isSafeInteger(number)) return number!
  if (types.includes('number') && number !== undefined && typeof exactNumber(number, text) === 'number') return number
  if (types.includes('null') && text === '') return null
  return types.includes('boolean') ? parseBoolean(text) : undefined
}

function at(value: Json | undefined, path: SchemaFault['path']): Json | undefined {
  return path.reduce<Json | undefined>(
    (found, part) =>
      typeof found === 'object' && found !== null
        ? ownValue(found as { [key: string]: Json }, String(part))
        : undefined,
    value,
  )
}

function replace(value: Json, [part, ...rest]: SchemaFault['path'], to: Json): Json {
  if (part === undefined) return to
  if (Array.isArray(value)) return value.map((item, index) => (index === part ? replace(item, rest, to) : item))
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [key, key === String(part) ? replace(item, rest, to) : item]),
  )
}
