import { InvalidError } from '../../../errors.ts'
import { asText } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { JsonSchema } from './validator.ts'

/** The types that there are. */
export const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
const ONE =
  'additionalItems additionalProperties contains else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  )
const SEVERAL = 'allOf anyOf oneOf prefixItems items'.split(' ')
const NAMED = '$defs definitions dependentSchemas patternProperties properties'.split(' ')
const PLAIN = (
  '$anchor $comment $id $recursiveAnchor $recursiveRef $dynamicAnchor $dynamicRef $ref $schema const contentEncoding contentMediaType default ' +
  'dependencies dependentRequired deprecated description enum examples exclusiveMaximum exclusiveMinimum format id maxContains ' +
  'maxItems maxLength maxProperties maximum minContains minItems minLength minProperties minimum multipleOf pattern readOnly ' +
  'required title type uniqueItems writeOnly'
).split(' ')
/** Keys of a path; a schema of more levels than these is too large in any case. */
const DEEPEST = 200
const KNOWN = new Set([...ONE, ...SEVERAL, ...NAMED, ...PLAIN])

/** What a `type` may say. */
export type SchemaType = { readonly path: readonly (string | number)[]; readonly type: Json }

/** The keywords that have no effect, told once each; InvalidError for a type that is none. */
export function lintSchema(schema: JsonSchema): readonly string[] {
  const [wrong] = wrongTypesIn(schema)
  if (wrong)
    throw new InvalidError(`schema: ${saysOf(wrong)}`, {
      place: { path: 'schema' },
      hint: `The types are ${TYPES.join(', ')}.`,
    })
  const notes = new Set<string>()
  for (const { schema: one } of schemasIn(schema, []))
    for (const keyword of Object.keys(one))
      if (!KNOWN.has(keyword)) notes.add(`the schema has an unknown keyword ${keyword}, which has no effect`)
  return [...notes].slice(0, 20)
}

/** The types that are none. */
export function wrongTypesIn(schema: Json | undefined): readonly SchemaType[] {
  return schemasIn(schema, []).flatMap(({ schema: { type }, path }) =>
    typesIn(type, [...path, 'type']).filter((one) => !TYPES.includes(asText(one.type))),
  )
}

/** What to say of one. */
export const saysOf = ({ type }: SchemaType) => `there is no type ${JSON.stringify(type)}`

function typesIn(type: Json | undefined, path: SchemaType['path']): readonly SchemaType[] {
  if (type === undefined) return []
  return isList(type) ? type.map((one, index) => ({ type: one, path: [...path, index] })) : [{ type, path }]
}

type Placed = { readonly schema: JsonSchema; readonly path: SchemaType['path'] }

/** A schema and all that stand in it, as deep as any may go. */
function schemasIn(schema: Json | undefined, path: SchemaType['path']): readonly Placed[] {
  if (typeof schema !== 'object' || schema === null || isList(schema) || path.length > DEEPEST) return []
  const inner = Object.entries(schema).flatMap(([keyword, value]) => partsOf(keyword, value, [...path, keyword]))
  return [{ schema, path }, ...inner]
}

function partsOf(keyword: string, value: Json | undefined, path: SchemaType['path']): readonly Placed[] {
  if (SEVERAL.includes(keyword) && isList(value)) return value.flatMap((one, at) => schemasIn(one, [...path, at]))
  if (NAMED.includes(keyword))
    return Object.entries((value ?? {}) as JsonSchema).flatMap(([name, one]) => schemasIn(one, [...path, name]))
  return ONE.includes(keyword) ? schemasIn(value, path) : []
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
