import { z } from 'zod'
import { isJsonObject, type Json, type JsonObject, rawJson } from '../../kernel/json.ts'
import type { Schema } from '../../kernel/schema.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { checkLongNumbers } from '../../lib/json/long-faults.ts'
import { childOf, targetOf } from '../../lib/json/pointer.ts'
import { isLongWhole, nearestSafe } from '../../lib/json/whole.ts'
import { modernKeywords } from '../../model/offer/schema-keywords.ts'

/**
 * A check of a call against the schema of a server. A part that cannot be checked here is left to the server, and the
 * rest is still checked. An input that fits stays as it is: no default is written into it, and no key is dropped.
 */
export function checkOfServer(schema: Json): Schema<unknown> {
  let made: z.ZodType | undefined
  return {
    '~standard': {
      version: 1,
      vendor: 'antiphon',
      validate(value) {
        made ??= zodOf(checkable(schema))
        const type = made
        const check = (one: unknown) => type.safeParse(bare(one as Json)).error?.issues.filter(isOfServer) ?? []
        const { faults: issues } = checkLongNumbers(value, { check, numberOf: nearestSafe })
        return issues.length > 0 ? { issues } : { value }
      },
    },
  }
}

/** The schema library takes no whole numbers beyond 2^53. A server may. */
const isOfServer = (issue: z.core.$ZodIssue) =>
  !(issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) &&
  !(issue.code === 'too_small' && issue.minimum === Number.MIN_SAFE_INTEGER)

/** The arguments of a call as JSON has them: a whole number kept as text is written as the number that it is. */
export function argumentsFor(schema: Json, input: Json): unknown {
  return write([schema], input)

  function write(given: readonly (Json | undefined)[], value: Json): unknown {
    if (typeof value !== 'object' && !isLongWhole(value)) return value
    const options: JsonObject[] = []
    for (const one of given) collectOptions(one, schema, options)
    if (isLongWhole(value)) return isNumber(options) ? rawJson(String(BigInt(value))) : value
    if (Array.isArray(value))
      return value.map((item, at) =>
        write(
          options.map(({ items, prefixItems }) => childOf(prefixItems, String(at)) ?? items),
          item,
        ),
      )
    if (!isJsonObject(value)) return value
    const below = (name: string) =>
      options.map(({ properties, additionalProperties }) => childOf(properties, name) ?? additionalProperties)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, write(below(name), one)]))
  }
}

/** Parts of a schema that describe one value. */
const MAX_OPTIONS = 100

/** Collects the parts of a schema that may describe the same value: the schema, its target, and its alternatives. */
function collectOptions(given: Json | undefined, root: Json, into: JsonObject[]): void {
  if (!isJsonObject(given) || into.includes(given) || into.length >= MAX_OPTIONS) return
  into.push(given)
  if (typeof given.$ref === 'string') collectOptions(targetOf<Json>(given.$ref, root), root, into)
  for (const list of [given.anyOf, given.oneOf, given.allOf])
    if (Array.isArray(list)) for (const one of list) collectOptions(one, root, into)
}

function isNumber(options: readonly JsonObject[]): boolean {
  const types = options.flatMap(({ type }) => type)
  return !types.includes('string') && types.some((one) => one === 'integer' || one === 'number')
}

function zodOf(schema: Json): z.ZodType {
  const made = tryZod(schema)
  if (made) return made
  if (!isJsonObject(schema) || !isJsonObject(schema.properties)) return z.unknown()
  // one part is at fault: the others are still checked
  const properties = Object.entries(schema.properties).map(([name, one]) => [name, tryZod(one) ? one : {}])
  return tryZod({ ...schema, properties: Object.fromEntries(properties) }) ?? z.unknown()
}

const tryZod = (schema: Json): z.ZodType | undefined =>
  attempt(() => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]))

/** Keywords that are checked as they are. A pattern or a format of a stranger may take exponential time. */
const PLAIN = [
  ...['minItems', 'maxItems', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
]

/** References followed into each other, and parts of a schema that are checked. The rest is the server's. */
const MAX_REFERENCES = 6
const MAX_PARTS = 5000

/** The part of a schema that can be checked. It accepts everything that the whole schema accepts. */
function checkable(root: Json): Json {
  let parts = 0
  return read(root, { references: 0, isBranch: false })

  function read(schema: Json | undefined, place: Place): Json {
    if (!isJsonObject(schema) || ++parts > MAX_PARTS) return schema === false ? false : {}
    const part = typeof schema.$ref === 'string' ? referred(schema.$ref, place) : ownPart(schema, place)
    return schema.nullable === true ? { anyOf: [part, { type: 'null' }] } : part
  }

  /** Older drafts ignore what stands beside a reference. */
  function referred(reference: string, { references, isBranch }: Place): Json {
    if (references >= MAX_REFERENCES) return {}
    return read(targetOf<Json>(reference, root), { references: references + 1, isBranch })
  }

  function ownPart(given: JsonObject, place: Place): Json {
    const schema = modernKeywords(given)
    const own: { [keyword: string]: Json } = { ...valuesIn(schema, place) }
    for (const name of PLAIN) if (Object.hasOwn(schema, name)) own[name] = schema[name]!
    const inner = (one: Json) => read(one, place)
    const branch = (one: Json) => read(one, { ...place, isBranch: true })
    if (Array.isArray(schema.allOf)) own.allOf = schema.allOf.map(branch)
    // of `oneOf`, several may fit here: the parts that tell them apart may be left to the server
    if (Array.isArray(schema.anyOf)) own.anyOf = schema.anyOf.map(branch)
    else if (Array.isArray(schema.oneOf)) own.anyOf = schema.oneOf.map(branch)
    if (isJsonObject(schema.items) && schema.prefixItems === undefined) own.items = inner(schema.items)
    return { ...own, ...objectPart(schema, inner) }
  }
}

/** `isBranch`: the schema is one of several for its value. */
type Place = { readonly references: number; readonly isBranch: boolean }

/** The types and the values that a schema allows. The schema library compares no maps and no lists. */
function valuesIn({ type, enum: listed, const: only }: JsonObject, { isBranch }: Place): JsonObject {
  const isList = Array.isArray(type)
  const hasType = isList ? type.length > 0 : typeof type === 'string'
  // the faults of a branch are not told apart, and the library refuses long whole numbers
  const wide = (one: Json) => (one === 'integer' && (isBranch || isList) ? 'number' : one)
  return {
    ...(hasType && { type: isList ? [...new Set(type.map(wide))] : wide(type!) }),
    ...(Array.isArray(listed) && listed.length > 0 && listed.every(isScalar) && { enum: listed }),
    ...(only !== undefined && isScalar(only) && { const: only }),
  }
}

const isScalar = (value: Json) => typeof value !== 'object' || value === null

function objectPart(
  { properties, required, additionalProperties, patternProperties }: JsonObject,
  inner: (one: Json) => Json,
) {
  const all = isJsonObject(properties) ? Object.entries(properties) : []
  // the schema library cannot hold a field of that name
  const known = all.filter(([name]) => name !== '__proto__')
  const isOpen = patternProperties !== undefined || known.length < all.length
  // servers call a field required that has a default, too
  const isNeeded = (name: Json) =>
    known.some(([one, schema]) => one === name && !(isJsonObject(schema) && Object.hasOwn(schema, 'default')))
  return {
    ...(isJsonObject(properties) && { properties: Object.fromEntries(known.map(([name, one]) => [name, inner(one)])) }),
    ...(Array.isArray(required) && { required: required.filter(isNeeded) }),
    ...(!isOpen && additionalProperties !== undefined && { additionalProperties: openOr(additionalProperties, inner) }),
  }
}

const openOr = (value: Json, inner: (one: Json) => Json) => (typeof value === 'boolean' ? value : inner(value))

/** A copy whose maps inherit nothing: a map has a field `constructor` only if it was given. */
function bare(value: Json): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (!isJsonObject(value)) return value
  const copy = Object.create(null)
  for (const [name, one] of Object.entries(value)) copy[name] = bare(one)
  return copy
}
