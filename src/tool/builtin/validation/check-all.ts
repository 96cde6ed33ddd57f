import type { Json } from '../../../kernel/schema.ts'
import { coerceTypes } from './coerce.ts'
import { type CheckedSchema, createChecker, type SchemaFault } from './validator.ts'

/**
 * Data to validate, as a whole or row by row. `isText`: the cells of CSV are texts and are read as
 * the types of the schema.
 */
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
