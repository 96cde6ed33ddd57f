import { InvalidError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { faultText, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import { checkLongNumbers, type PlacedFault, pathsOfFault } from '../../lib/json/long-faults.ts'
import { childOf } from '../../lib/json/pointer.ts'
import { schemaFault } from '../../lib/json/schema-fault.ts'
import { nearestSafe } from '../../lib/json/whole.ts'
import { type OffloadJob, processOffload } from '../../worker/offload/offload.ts'
import type { JsonSchema } from '../prompt/task.ts'
import { type FoundJson, jsonIn } from './read-json.ts'
import { isSmallCheck, measureSchema, type SchemaSize } from './schema-budget.ts'
import { unwrapObject } from './unwrap.ts'

/**
 * The JSON of a text, possibly unwrapped from surrounding prose,
 * without null for optional fields; or its first fault in one sentence, and all of them if there are more.
 */
export type CheckedObject = { readonly object: Json } | { readonly wrong: string; readonly faults?: readonly string[] }

/** Checks texts against a schema. The first value that fits counts. */
export type ObjectCheck = (text: string) => CheckedObject | Promise<CheckedObject>

/**
 * Makes a check of texts against a schema. InvalidError when the schema cannot be used or exceeds its budget. A check
 * that may take long runs in a thread, with a deadline: a pattern, or many references, would block everything else.
 */
export async function createObjectCheck(schema: JsonSchema, terms: CheckOptions = {}): Promise<ObjectCheck> {
  const json = JSON.stringify(schema)
  const { size, accepts } = schemaCache.get(json) ?? remember(json, await judge(schema, terms))
  return (text) => {
    const found = accepts && jsonIn(text)
    const isSmall = found?.every(({ value }) => isSmallCheck(size, value))
    return isSmall ? check(schema, accepts!, text, found!) : checkOffloaded(schema, text, terms)
  }
}

/** The caller's fairness key and signal. */
type CheckOptions = { readonly share?: string | undefined; readonly signal?: AbortSignal }

const CHECK_JOB: OffloadJob = { file: new URL(import.meta.url), name: 'checkObject' }
/** ms that one check may take. */
const CHECK_TIMEOUT_MS = 1000

function checkOffloaded(
  schema: JsonSchema,
  text: string,
  { share = '', signal }: CheckOptions,
): Promise<CheckedObject> {
  const terms = { share, signal, deadline: CHECK_TIMEOUT_MS, what: 'Checking a reply against its schema' }
  return processOffload().run(CHECK_JOB, { schema, text }, terms) as Promise<CheckedObject>
}

/** The thread's side of a check. */
export async function checkObject({ schema, text }: { schema: JsonSchema; text: string }): Promise<CheckedObject> {
  return check(schema, await createAcceptor(schema), text, jsonIn(text))
}

function check(schema: JsonSchema, accepts: Acceptor, text: string, found: readonly FoundJson[]): CheckedObject {
  for (const { value } of found) {
    const checked = accepts(value)
    if ('object' in checked) return checked
  }
  const longest = found.reduce<FoundJson | undefined>(
    (one, other) => (one && one.length >= other.length ? one : other),
    undefined,
  )
  const bare = unwrapObject(schema, text, longest?.value)
  const second = bare === undefined ? undefined : accepts(bare)
  if (second && 'object' in second) return second
  return longest ? accepts(longest.value) : { wrong: 'it is not JSON' }
}

type Acceptor = (value: Json) => CheckedObject

/** A measured schema; `accepts` only if checks run on this thread. */
type CachedSchema = { readonly size: SchemaSize; readonly accepts?: Acceptor }

/** The latest schemas. Compiling takes longer than the rest of a call, and steps and phases repeat theirs. */
const schemaCache = new Map<string, CachedSchema>()
const MAX_CACHED_SCHEMAS = 256
/** Size of a schema that compiles within a few milliseconds. */
const MAX_CACHED_SIZE = 500

function remember(json: string, made: CachedSchema): CachedSchema {
  if (schemaCache.size >= MAX_CACHED_SCHEMAS) schemaCache.delete(schemaCache.keys().next().value!)
  schemaCache.set(json, made)
  return made
}

async function judge(schema: JsonSchema, terms: CheckOptions): Promise<CachedSchema> {
  const size = measureSchema(schema)
  if (size.isPlain && size.size <= MAX_CACHED_SIZE) return { size, accepts: await createAcceptor(schema) }
  // whether it can be used at all
  await checkOffloaded(schema, '', terms)
  return { size }
}

async function createAcceptor(schema: JsonSchema): Promise<Acceptor> {
  const { z } = await import('zod')
  const type = fromSchema(z.fromJSONSchema, schema)
  return (object) => {
    const check = (value: unknown) => type.safeParse(value).error?.issues ?? []
    const faults = (value: Json) => checkLongNumbers(value, { check, numberOf: nearestSafe }).faults
    const [issue, ...others] = faults(object)
    if (!issue) return { object }
    const without = withoutNulls(object, [issue, ...others], faults)
    if (without !== undefined) return { object: without }
    const [wrong] = validationIssues([issue], object).map(faultText) as [string]
    if (others.length === 0) return { wrong }
    return {
      wrong,
      faults: validationIssues([issue, ...others], object)
        .slice(0, MAX_FAULTS)
        .map(faultText),
    }
  }
}

/** The maximum of faults reported for one value. */
const MAX_FAULTS = 10

function fromSchema<T>(read: (schema: JsonSchema) => T, schema: JsonSchema): T {
  try {
    return read(schema)
  } catch (error) {
    throw new InvalidError(`The schema cannot be used: ${schemaFault(error)}`, {
      place: { path: 'schema' },
      hint: 'Use a JSON Schema without remote references, conditions or unevaluated keywords.',
    })
  }
}

/** Each round may uncover nulls in another alternative. */
const MAX_ROUNDS = 5

/**
 * The value without the fields that are null and do not fit: models give null for an optional field that is absent.
 * Undefined if the value does not fit then, as where the field is required.
 */
function withoutNulls(
  value: Json,
  faults: readonly PlacedFault[],
  check: (value: Json) => readonly PlacedFault[],
): Json | undefined {
  let [rest, left] = [value, faults]
  for (let round = 0; round < MAX_ROUNDS && left.length > 0; round++) {
    const paths = left.flatMap((fault) => pathsOfFault(fault)).filter((path) => isNullField(rest, path))
    if (paths.length === 0) return undefined
    for (const path of paths) rest = without(rest, path)
    left = check(rest)
  }
  return left.length === 0 ? rest : undefined
}

type Path = readonly PropertyKey[]

function isNullField(value: Json, path: Path): boolean {
  const parent = path.slice(0, -1).reduce<Json | undefined>(childOf, value)
  const name = path.at(-1)
  return isJsonObject(parent) && typeof name === 'string' && Object.hasOwn(parent, name) && parent[name] === null
}

function without(value: Json, [key, ...rest]: Path): Json {
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? without(item, rest) : item))
  const fields = Object.entries(value as { readonly [name: string]: Json })
  if (rest.length === 0) return Object.fromEntries(fields.filter(([name]) => name !== key))
  return Object.fromEntries(fields.map(([name, item]) => [name, name === key ? without(item, rest) : item]))
}
