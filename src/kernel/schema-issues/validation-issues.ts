import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Choice, type SchemaIssue, typeOf, typeWords, wordsOf } from './issue-words.ts'

/** One fault in an input. If the input matches none of several types, the fault is relative to the closest one. */
export type ValidationIssue = {
  readonly path: readonly (string | number)[]
  /** in plain words, without the value: it may be a secret */
  readonly message: string
  /** the part of the message that says what the schema takes; absent: the schema's author wrote the message */
  readonly expected?: string
  /** the schema's own name for the fault; zod has one, other schemas need not */
  readonly code?: string
  /** the allowed values */
  readonly choices?: readonly Choice[]
  /** the types it may have */
  readonly wanted?: readonly string[]
  /** the bound that it exceeds */
  readonly bound?: { readonly side: 'least' | 'most'; readonly value: number; readonly inclusive: boolean }
}

/** A fault in words, after its place. */
export const faultText = ({ path, message }: ValidationIssue): string =>
  `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`

type Path = ValidationIssue['path']

/** Whether to report a fault. In a union, a member without relevant faults may be the intended one. */
type IsRelevant = (fault: ValidationIssue) => boolean

export function validationIssues(
  issues: readonly StandardSchemaV1.Issue[],
  input: unknown,
  counts: IsRelevant = () => true,
): readonly ValidationIssue[] {
  return issues.flatMap((issue) => faultsIn(issue, [], input, counts))
}

function faultsIn(issue: SchemaIssue, above: Path, input: unknown, counts: IsRelevant): readonly ValidationIssue[] {
  const path = [...above, ...stepsOf(issue)]
  const { errors = [], keys } = issue
  if (errors.length > 0) {
    const types = errors.map((inner) => inner.flatMap((one) => faultsIn(one, path, input, counts)))
    return closest(types, path, input, issue)
  }
  const paths = keys ? keys.map((key) => [...path, key]) : [path]
  return paths.map((at) => faultAt(issue, at, valueAt(input, at))).filter(counts)
}

function stepsOf({ path = [] }: SchemaIssue): Path {
  return path.map((part) => {
    const key = typeof part === 'object' ? part.key : part
    return typeof key === 'number' ? key : String(key)
  })
}

function faultAt(issue: SchemaIssue, path: Path, value: unknown): ValidationIssue {
  const { code, values, options, expected } = issue
  const choices = values ?? options
  const bound = boundIn(issue)
  return {
    path,
    ...wordsOf(issue, value),
    ...(code !== undefined && { code }),
    ...(choices && { choices }),
    ...(code === 'invalid_type' && expected !== undefined && { wanted: [expected] }),
    ...(bound && { bound }),
  }
}

function boundIn({ origin, minimum, maximum, inclusive = true }: SchemaIssue): ValidationIssue['bound'] {
  if (origin !== 'number' && origin !== 'int') return undefined
  if (minimum !== undefined) return { side: 'least', value: Number(minimum), inclusive }
  return maximum === undefined ? undefined : { side: 'most', value: Number(maximum), inclusive }
}

// one of several types

/** The message of zod for them. */
const GENERIC_MESSAGE = 'Invalid input'

function closest(
  types: readonly (readonly ValidationIssue[])[],
  path: Path,
  input: unknown,
  { message }: SchemaIssue,
): readonly ValidationIssue[] {
  if (types.some((faults) => faults.length === 0)) return []
  // the schema's author has set a message for all of them
  if (message !== GENERIC_MESSAGE) return [{ path, message, code: 'invalid_union' }]
  const value = valueAt(input, path)
  const meant = types.filter((faults) => !faults.some((fault) => isOfOther(fault, path, value)))
  if (meant.length > 0) return meant.reduce((best, faults) => (faults.length < best.length ? faults : best))
  const wanted = [
    ...new Set(types.flat().flatMap((fault) => (fault.path.length === path.length ? typesOf(fault) : []))),
  ]
  return [{ path, ...typeWords(wanted, value), code: 'invalid_type', wanted }]
}

/** Whether only the value itself, and nothing inside it, has another type. */
function isOfOther(fault: ValidationIssue, path: Path, value: unknown): boolean {
  if (fault.path.length > path.length) return false
  return fault.code === 'invalid_type' || (fault.choices?.every((one) => typeof one !== typeof value) ?? false)
}

const typesOf = ({ wanted, choices = [] }: ValidationIssue): readonly string[] => wanted ?? choices.map(typeOf)

/** The value at a path of an input. Undefined if there is none. */
export function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as { readonly [key: string]: unknown })[key]
        : undefined,
    input,
  )
}
