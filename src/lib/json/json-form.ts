/** A fault of a schema that does not describe JSON: its place in the schema, and a remedy. */
type JsonFault = { readonly path: readonly string[]; readonly message: string; readonly hint?: string }

/**
 * Finds why a schema of zod does not describe JSON: it is of zod 3, which gives no JSON Schema, or a part of it is a
 * type that JSON does not have. Undefined for all other schemas. `io`: what the schema accepts, or what it makes.
 */
export function findJsonFault(schema: unknown, io: 'input' | 'output'): JsonFault | undefined {
  if (isOldZod(schema))
    return {
      path: [],
      message: 'expected a schema of zod 4, got one of zod 3, which gives models no parameters',
      hint: "Install zod 4 (npm i zod@4), or import it from 'zod/v4'.",
    }
  return isZod(schema) ? faultIn(schema, io, [], new Set()) : undefined
}

type ZodSchema = { readonly _zod: { readonly def: ZodDefinition; readonly bag?: { readonly Class?: unknown } } }
type ZodDefinition = { readonly type: string; readonly coerce?: boolean; readonly [part: string]: unknown }

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isZod = (value: unknown): value is ZodSchema => isObject(value) && '_zod' in value
const isOldZod = (value: unknown): boolean =>
  isObject(value) && '_def' in value && !('_zod' in value) && 'safeParse' in value && 'isOptional' in value

/** Types without a form in JSON, and what stands for them. */
const REMEDIES: { readonly [type: string]: string } = {
  date: 'Write z.iso.datetime() or z.iso.date(), which is a text.',
  bigint: 'Write z.number().int(), or z.string() for long numbers.',
  map: 'Write z.record(z.string(), …).',
  set: 'Write z.array(…).',
  instanceof: 'Write the type of the JSON, and make the object from it.',
  file: 'Write z.string() for a path or for base64.',
  ...Object.fromEntries(['symbol', 'function', 'promise', 'nan'].map((type) => [type, 'Write a type that JSON has.'])),
}

function faultIn(
  schema: ZodSchema,
  io: 'input' | 'output',
  path: readonly string[],
  seen: Set<ZodSchema>,
): JsonFault | undefined {
  if (seen.has(schema)) return undefined
  seen.add(schema)
  const { def } = schema._zod
  const type = typeOf(schema)
  // a coerced value is made from JSON
  const isMade = def.coerce === true && io === 'input'
  if (Object.hasOwn(REMEDIES, type) && !isMade)
    return { path, message: `\`z.${type}()\` has no form in JSON`, hint: REMEDIES[type]! }
  for (const [name, part] of partsOf(def, io)) {
    const fault = faultIn(part, io, name === undefined ? path : [...path, name], seen)
    if (fault) return fault
  }
  return undefined
}

function typeOf({ _zod: { def, bag } }: ZodSchema): string {
  const { type, values } = def
  if (type === 'literal' && Array.isArray(values) && values.some((value) => typeof value === 'bigint')) return 'bigint'
  return type === 'custom' && bag?.Class ? 'instanceof' : type
}

type Part = readonly [name: string | undefined, schema: ZodSchema]

/** The schemas inside a schema, with the names of fields. */
function partsOf(def: ZodDefinition, io: 'input' | 'output'): readonly Part[] {
  // the side that stands for the JSON; a function there may take or make any
  if (def.type === 'pipe') return asParts(io === 'output' ? def.out : def.in)
  if (def.type === 'lazy') return asParts((def.getter as () => unknown)())
  return Object.entries(def).flatMap(([key, value]) =>
    key === 'shape' && isObject(value)
      ? Object.entries(value).flatMap(([name, field]): Part[] => (isZod(field) ? [[name, field]] : []))
      : asParts(value),
  )
}

const asParts = (value: unknown): readonly Part[] =>
  [value].flat().flatMap((one): Part[] => (isZod(one) ? [[undefined, one]] : []))
