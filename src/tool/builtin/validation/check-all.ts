import type { Json } from '../../../kernel/schema.ts'
import { coerceTypes } from './coerce.ts'
import { type CheckedSchema, createChecker, type SchemaFault } from './validator.ts'

/** Data to check, as a whole or row by row. The cells of CSV have no types of their own: they are read as what the schema asks for. */
export type CheckRequest = {
  readonly schema: CheckedSchema
  readonly data: Json
  readonly byRow: boolean
  readonly isLenient: boolean
  readonly isText: boolean
}

/** The faults of each value; `value` only where it was changed into the types that the schema asks for. */
export type CheckResult = {
  readonly notes: readonly string[]
  readonly checked: readonly {
    readonly value?: Json
    readonly faults: readonly SchemaFault[]
    readonly changed: readonly SchemaFault[]
  }[]
}

/** Checks all values. It computes for as long as the schema and the data make it. */
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
