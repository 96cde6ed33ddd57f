import { InvalidError } from '../../../errors.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import type { CheckedSchema } from './validator.ts'

export const JSON_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
const SINGLE_SCHEMA_KEYWORDS =
  'additionalItems additionalProperties contains else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  )
const SCHEMA_LIST_KEYWORDS = 'allOf anyOf oneOf prefixItems items'.split(' ')
const SCHEMA_MAP_KEYWORDS = '$defs definitions dependentSchemas patternProperties properties'.split(' ')
const VALUE_KEYWORDS = (
  '$anchor $comment $id $recursiveAnchor $recursiveRef $dynamicAnchor $dynamicRef $ref $schema const contentEncoding contentMediaType default ' +
  'dependencies dependentRequired deprecated description enum examples exclusiveMaximum exclusiveMinimum format id maxContains ' +
  'maxItems maxLength maxProperties maximum minContains minItems minLength minProperties minimum multipleOf pattern readOnly ' +
  'required title type uniqueItems writeOnly'
).split(' ')
/** A deeper schema exceeds the limit for levels anyway. */
const MAX_PATH_KEYS = 200
const KNOWN_KEYWORDS = new Set([
  ...SINGLE_SCHEMA_KEYWORDS,
  ...SCHEMA_LIST_KEYWORDS,
  ...SCHEMA_MAP_KEYWORDS,
  ...VALUE_KEYWORDS,
])

type UnknownType = { readonly path: readonly (string | number)[]; readonly type: Json }

/** Returns the keywords without effect, each once. InvalidError for an unknown type. */
export function lintSchema(schema: CheckedSchema): readonly string[] {
  const [wrong] = findUnknownTypes(schema)
  if (wrong)
    throw new InvalidError(`schema: ${describeUnknownType(wrong)}`, {
      place: { path: 'schema' },
      hint: `The types are ${JSON_TYPES.join(', ')}.`,
    })
  const notes = new Set<string>()
  for (const { schema: one } of schemasIn(schema, []))
    for (const keyword of Object.keys(one))
      if (!KNOWN_KEYWORDS.has(keyword)) notes.add(`the schema has an unknown keyword ${keyword}, which has no effect`)
  return [...notes].slice(0, 20)
}

export function findUnknownTypes(schema: Json | undefined): readonly UnknownType[] {
  return schemasIn(schema, []).flatMap(({ schema: { type }, path }) =>
    typesIn(type, [...path, 'type']).filter((one) => !JSON_TYPES.includes(asText(one.type))),
  )
}

export const describeUnknownType = ({ type }: UnknownType) => `there is no type ${JSON.stringify(type)}`

function typesIn(type: Json | undefined, path: UnknownType['path']): readonly UnknownType[] {
  if (type === undefined) return []
  return isList(type) ? type.map((one, index) => ({ type: one, path: [...path, index] })) : [{ type, path }]
}

type PlacedSchema = { readonly schema: CheckedSchema; readonly path: UnknownType['path'] }

/** A schema and its subschemas, up to the limit of levels. */
function schemasIn(schema: Json | undefined, path: UnknownType['path']): readonly PlacedSchema[] {
  if (typeof schema !== 'object' || schema === null || isList(schema) || path.length > MAX_PATH_KEYS) return []
  const inner = Object.entries(schema).flatMap(([keyword, value]) => partsOf(keyword, value, [...path, keyword]))
  return [{ schema, path }, ...inner]
}

function partsOf(keyword: string, value: Json | undefined, path: UnknownType['path']): readonly PlacedSchema[] {
  if (SCHEMA_LIST_KEYWORDS.includes(keyword) && isList(value))
    return value.flatMap((one, at) => schemasIn(one, [...path, at]))
  if (SCHEMA_MAP_KEYWORDS.includes(keyword))
    return Object.entries((value ?? {}) as CheckedSchema).flatMap(([name, one]) => schemasIn(one, [...path, name]))
  return SINGLE_SCHEMA_KEYWORDS.includes(keyword) ? schemasIn(value, path) : []
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
