import type { Json } from '../../../kernel/schema.ts'
import { coerce } from './coerce.ts'
import { type Fault, type JsonSchema, openChecker } from './validator.ts'

/** Data to check, as a whole or row by row. The cells of CSV have no types of their own: they are read as what the schema asks for. */
export type Checking = {
  readonly schema: JsonSchema
  readonly data: Json
  readonly byRow: boolean
  readonly isLenient: boolean
  readonly isText: boolean
}

/** The faults of each value; `value` only where it was changed into the types that the schema asks for. */
export type Checked = {
  readonly notes: readonly string[]
  readonly checked: readonly {
    readonly value?: Json
    readonly faults: readonly Fault[]
    readonly changed: readonly Fault[]
  }[]
}

/** Checks all values. It computes for as long as the schema and the data make it. */
export async function checkAll({ schema, data, byRow, isLenient, isText }: Checking): Promise<Checked> {
  const coerces = isLenient || isText
  const { notes, check } = await openChecker(schema, data, coerces)
  const values = byRow ? (data as readonly Json[]) : [data]
  const first = check(values, coerces ? 'all' : 'told')
  if (!coerces) return { notes, checked: first.map((faults) => ({ faults, changed: [] })) }
  const coerced = values.map((value, index) => coerce(value, first[index]!))
  const again = check(coerced.map(({ value }) => value))
  const checked = coerced.map(({ value, changed }, index) => ({
    value,
    faults: again[index]!,
    changed: isText ? [] : changed,
  }))
  return { notes, checked }
}
