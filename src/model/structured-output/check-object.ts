import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { type OffloadJob, processOffload } from '../../worker/offload/offload.ts'
import type { JsonSchema } from '../prompt/task.ts'
import { isSmallCheck, measureSchema, type SchemaSize } from './schema-budget.ts'
import { unwrapObject } from './unwrap.ts'

/** The JSON of a text, possibly unwrapped from surrounding prose; or its fault in one sentence. */
export type CheckedObject = { readonly object: Json } | { readonly wrong: string }

/** Checks texts against a schema. */
export type ObjectCheck = (text: string) => CheckedObject | Promise<CheckedObject>

/**
 * Makes a check of texts against a schema. InvalidError when the schema cannot be used or exceeds its budget. A check that may take long
 * runs in a thread, with a deadline: a pattern, or many references, would block everything else.
 */
export async function createObjectCheck(schema: JsonSchema, terms: CheckOptions = {}): Promise<ObjectCheck> {
  const json = JSON.stringify(schema)
  const { size, accepts } = schemaCache.get(json) ?? remember(json, await judge(schema, terms))
  return (text) => {
    const parsed = accepts && parseJson(text)
    const isSmall = parsed && ('wrong' in parsed || isSmallCheck(size, parsed.object))
    return isSmall ? check(schema, accepts!, text, parsed) : checkOffloaded(schema, text, terms)
  }
}

/** The caller's fairness key and signal. */
export type CheckOptions = { readonly share?: string | undefined; readonly signal?: AbortSignal }

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
  return check(schema, await createAcceptor(schema), text, parseJson(text))
}

function check(schema: JsonSchema, accepts: Acceptor, text: string, parsed: CheckedObject): CheckedObject {
  const checked = 'wrong' in parsed ? parsed : accepts(parsed.object)
  if ('object' in checked) return checked
  const bare = unwrapObject(schema, text, 'object' in parsed ? parsed.object : undefined)
  const second = bare === undefined ? checked : accepts(bare)
  return 'object' in second ? second : checked
}

type Acceptor = (value: Json) => CheckedObject

/** A measured schema; `accepts` only if checks run on this thread. */
type CachedSchema = { readonly size: SchemaSize; readonly accepts?: Acceptor }

/** The latest schemas. Compiling one takes longer than the rest of a call, and steps and phases repeat their schemas. */
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
    const issue = type.safeParse(object).error?.issues[0]
    return issue ? { wrong: `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}` } : { object }
  }
}

function fromSchema<T>(read: (schema: JsonSchema) => T, schema: JsonSchema): T {
  try {
    return read(schema)
  } catch (error) {
    throw new InvalidError(`the schema cannot be used: ${error instanceof Error ? error.message : error}`, {
      place: { path: 'schema' },
      hint: 'Use a JSON Schema without remote references, conditions or unevaluated keywords.',
    })
  }
}

/** Models often put JSON into a fence or a sentence: then the JSON is the text between the first and the last bracket. */
function parseJson(text: string): CheckedObject {
  for (const candidate of [text, bracketedIn(text)]) {
    const object = tryParse(candidate)
    if (object !== undefined) return { object }
  }
  return { wrong: 'it is not JSON' }
}

function bracketedIn(text: string): string {
  const last = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'))
  return text.slice(Math.max(0, text.search(/[[{]/)), last + 1)
}

function tryParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
