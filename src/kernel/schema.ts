import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidError } from '../errors.ts'

/** What can be stored and sent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** Any Standard Schema (zod 4, valibot, arktype): validates unknown input into `T`. */
export type Schema<T> = StandardSchemaV1<unknown, T>

/** The value the schema makes of `input`, or an InvalidError that names the first wrong field as `what.path`. */
export async function parse<T>(schema: Schema<T>, input: unknown, what = 'value'): Promise<T> {
  return parseNow(schema, input, what)
}

/** As `parse`, at once when the schema can. */
export function parseNow<T>(schema: Schema<T>, input: unknown, what = 'value'): T | Promise<T> {
  const result = schema['~standard'].validate(input)
  return result instanceof Promise ? result.then((later) => checked(later, what)) : checked(result, what)
}

function checked<T>(result: StandardSchemaV1.Result<T>, what: string): T {
  if (!result.issues) return result.value
  const issue = result.issues[0]!
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  throw new InvalidError(`${path ? `${what}.${path}` : what}: ${messageOf(issue)}`, { place: { path } })
}

type Branch = { readonly expected?: unknown; readonly path?: readonly unknown[] }

/** Zod says of a value that fits none of several types only that it is invalid: which these are stands in each one's own issues. */
function messageOf(issue: StandardSchemaV1.Issue): string {
  const { errors = [] } = issue as { readonly errors?: readonly (readonly Branch[])[] }
  const wanted = errors
    .flat()
    .flatMap(({ expected, path = [] }) => (path.length === 0 && expected ? [String(expected)] : []))
  return wanted.length > 0 ? `${issue.message}: expected ${[...new Set(wanted)].join(' or ')}` : issue.message
}
