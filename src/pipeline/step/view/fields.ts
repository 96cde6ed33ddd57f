import type { Json } from '../../../kernel/schema.ts'
import type { StepValue } from '../../plan/step-outcome.ts'

/** A map as results are. */
export type Fields = { readonly [name: string]: Json | undefined }

/** Whether a value is a map. */
export function isFields(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a map says of its own under a name. */
export function ownField(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** Whether a step did what it was to do: a result may tell that it did not. */
export function succeeded({ status, result }: Pick<StepValue, 'status' | 'result'>): boolean {
  return status === 'completed' && !(isFields(result) && result.success === false)
}
