import { InvalidError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { JsonSchema } from './checker.ts'

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
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
const KNOWN = new Set([...ONE, ...SEVERAL, ...NAMED, ...PLAIN])

/** The keywords that have no effect, told once each; InvalidError for a type that is none. */
export function lintSchema(schema: JsonSchema): readonly string[] {
  const notes = new Set<string>()
  visit(schema, notes)
  return [...notes].slice(0, 20)
}

function visit(schema: Json | undefined, notes: Set<string>): void {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return
  const { type, ...rest } = schema as JsonSchema
  for (const one of type === undefined ? [] : [type].flat())
    if (!TYPES.includes(String(one)))
      throw new InvalidError(`schema: there is no type ${JSON.stringify(one)}`, {
        place: { path: 'schema' },
        hint: `The types are ${TYPES.join(', ')}.`,
      })
  for (const [keyword, value] of Object.entries(rest)) {
    if (!KNOWN.has(keyword)) notes.add(`the schema has an unknown keyword ${keyword}, which has no effect`)
    if (ONE.includes(keyword)) visit(value, notes)
    if (SEVERAL.includes(keyword) && Array.isArray(value)) for (const one of value) visit(one as Json, notes)
    if (NAMED.includes(keyword)) for (const one of Object.values((value ?? {}) as JsonSchema)) visit(one, notes)
  }
}
