import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidError } from '../errors.ts'

export type { Json } from './json.ts'

import { type ValidationIssue, validationIssues } from './schema-issues/validation-issues.ts'

/** Any Standard Schema (zod 4, valibot, arktype): validates unknown input into `T`. */
export type Schema<T> = StandardSchemaV1<unknown, T>

/** The value the schema makes of `input`, or an InvalidError that names the first wrong field as `what.path`. */
export async function parse<T>(schema: Schema<T>, input: unknown, what = 'value'): Promise<T> {
  return parseNow(schema, input, what)
}

/** Like `parse`, but synchronous if the schema is. `hintOf` states the remedy for a fault. */
export function parseNow<T>(schema: Schema<T>, input: unknown, what = 'value', hintOf?: HintOf): T | Promise<T> {
  const result = schema['~standard'].validate(input)
  return result instanceof Promise ? checkLater(result, input, what, hintOf) : checked(result, input, what, hintOf)
}

type HintOf = (fault: ValidationIssue, input: unknown) => string | undefined

async function checkLater<T>(
  result: Promise<StandardSchemaV1.Result<T>>,
  input: unknown,
  what: string,
  hintOf?: HintOf,
) {
  return checked(await result, input, what, hintOf)
}

function checked<T>(result: StandardSchemaV1.Result<T>, input: unknown, what: string, hintOf?: HintOf): T {
  if (!result.issues) return result.value
  const [fault] = validationIssues(result.issues, input)
  const path = fault!.path.join('.')
  throw new InvalidError(`${path ? `${what}.${path}` : what}: ${fault!.message}`, {
    place: { path },
    hint: hintOf?.(fault!, input),
  })
}
