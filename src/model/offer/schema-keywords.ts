import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { ownValue } from '../../lib/own.ts'

/** Says that a part of a schema is left out. */
type Lose = (keyword: string) => void

/**
 * The keywords of one schema in the words of draft 2020-12: those of older drafts are translated, and so are values of
 * a wrong type whose meaning is clear. Others are left out. The schemas inside stay as they are. Pure.
 */
export function modernKeywords(given: JsonObject, lose: Lose = () => {}): JsonObject {
  const { $schema: _, $id: __, divisibleBy, dependencies, additionalItems, ...rest } = given
  const plain = Object.entries({ ...(divisibleBy !== undefined && { multipleOf: divisibleBy }), ...rest }).flatMap(
    ([name, value]): [string, Json][] => {
      const rule = RULES.get(name)
      const mended = rule ? rule(value) : value
      if (mended === undefined && !isWithoutMeaning(name, value)) lose(name)
      return mended === undefined ? [] : [[name, mended]]
    },
  )
  return Object.assign(
    withRequired(withBounds(Object.fromEntries(plain), lose), given, lose),
    tupleOf(given.items, additionalItems),
    dependenciesOf(dependencies),
  )
}

/** Keywords with schemas inside: one, a list of them, or a map of them. */
export const INSIDE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    schema:
      'items additionalProperties contains propertyNames not if then else unevaluatedItems unevaluatedProperties contentSchema',
    list: 'allOf anyOf oneOf prefixItems',
    map: 'properties patternProperties dependentSchemas $defs',
  }).flatMap(([kind, keywords]) => keywords.split(' ').map((keyword) => [keyword, kind] as const)),
)

/** The value of a keyword in its form; undefined: it has no meaning in that form. */
type Rule = (value: Json) => Json | undefined

const isText = (value: Json) => typeof value === 'string'
const numberIn = (value: Json) => {
  const number = isText(value) && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
const numberThat = (fits: (number: number) => boolean) => (value: Json) => {
  const number = numberIn(value)
  return number !== undefined && fits(number) ? number : undefined
}
const flag: Rule = (value) => FLAGS.get(value)
const FLAGS = new Map<Json, boolean>([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
])
const text: Rule = (value) => (isText(value) ? value : undefined)
const each = (rule: Rule, value: Json): Json[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => rule(one) ?? [])

const FORMS: readonly (readonly [keywords: string, rule: Rule])[] = [
  ['title description $comment', (value) => (typeof value === 'object' ? undefined : String(value))],
  ['format $ref contentEncoding contentMediaType', text],
  ['pattern', (value) => (isText(value) && isExpression(value) ? value : undefined)],
  ['uniqueItems readOnly writeOnly deprecated', flag],
  ['minimum maximum', numberIn],
  // draft 4 has true
  ['exclusiveMinimum exclusiveMaximum', (value) => flag(value) ?? numberIn(value)],
  ['multipleOf', numberThat((number) => number > 0)],
  [
    'minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties',
    numberThat((number) => Number.isInteger(number) && number >= 0),
  ],
  ['type', typesIn],
  ['enum', (value) => (Array.isArray(value) && value.length > 0 ? withoutTwins(value) : undefined)],
  ['examples', (value) => (Array.isArray(value) ? value : undefined)],
  [
    'dependentRequired',
    (value) =>
      isJsonObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutTwins(each(text, one))]))
        : undefined,
  ],
  ['$anchor $dynamicAnchor $recursiveAnchor $vocabulary $dynamicRef $recursiveRef', () => undefined],
]
const RULES = new Map(FORMS.flatMap(([keywords, rule]) => keywords.split(' ').map((name) => [name, rule] as const)))

/** Keywords that say nothing: a name for references that are followed here, a null for a text, and any type. */
const isWithoutMeaning = (name: string, value: Json) =>
  /^\$(?:\w+Anchor|anchor|vocabulary)$/.test(name) ||
  (/^(?:title|description)$/.test(name) && value === null) ||
  (name === 'type' && value === 'any')

const withoutTwins = (values: readonly Json[]) => [...new Set(values)]

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
/** Words of other languages for the types. */
const TYPE_WORDS: { readonly [word: string]: string } = {
  int: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  bool: 'boolean',
  list: 'array',
  dict: 'object',
}

function typesIn(value: Json): Json | undefined {
  const types = withoutTwins(each(typeIn, value))
  const isWhole = types.length > 0 && each(typeIn, value).length === (Array.isArray(value) ? value.length : 1)
  return !isWhole ? undefined : types.length > 1 ? types : types[0]
}

function typeIn(value: Json): Json | undefined {
  const word = isText(value) ? value.toLowerCase() : ''
  return TYPES.includes(word) ? word : ownValue(TYPE_WORDS, word)
}

/** Whether a text is a regular expression. It is never executed. */
export function isExpression(source: string): boolean {
  return ['u', ''].some((flags) => attempt(() => new RegExp(source, flags) !== undefined, false))
}

/** `exclusiveMinimum: true` of draft 4 makes `minimum` exclusive. */
function withBounds(fields: JsonObject, lose: Lose): JsonObject {
  const bounds: { [keyword: string]: Json } = { ...fields }
  for (const [plain, exclusive] of BOUNDS) {
    const isExclusive = bounds[exclusive]
    if (typeof isExclusive !== 'boolean') continue
    delete bounds[exclusive]
    if (!isExclusive) continue
    if (bounds[plain] === undefined) lose(exclusive)
    else bounds[exclusive] = bounds[plain]
    delete bounds[plain]
  }
  return bounds
}

const BOUNDS = [
  ['minimum', 'exclusiveMinimum'],
  ['maximum', 'exclusiveMaximum'],
] as const

/** Names that are required, each once. Draft 3 says it at the property. */
function withRequired({ required, ...fields }: JsonObject, given: JsonObject, lose: Lose): { [keyword: string]: Json } {
  const names = Array.isArray(required) ? required : []
  const isList = Array.isArray(required) && names.every(isText)
  if (required !== undefined && typeof required !== 'boolean' && !isList) lose('required')
  const properties = isJsonObject(given.properties) ? Object.entries(given.properties) : []
  const inside = properties.flatMap(([name, one]) => (isJsonObject(one) && one.required === true ? [name] : []))
  const all = [...new Set([...names.filter(isText), ...inside])]
  return { ...fields, ...(all.length > 0 && { required: all }) }
}

/** A list of schemas as `items` is `prefixItems` now. */
function tupleOf(items: Json | undefined, additional: Json | undefined): JsonObject {
  if (!Array.isArray(items)) return {}
  return {
    ...(items.length > 0 && { prefixItems: items }),
    items: isJsonObject(additional) ? additional : {},
    ...(additional === false && { maxItems: items.length }),
  }
}

function dependenciesOf(dependencies: Json | undefined): JsonObject {
  if (!isJsonObject(dependencies)) return {}
  const all = Object.entries(dependencies)
  const lists = all.flatMap(([name, one]) =>
    typeof one === 'boolean' || isJsonObject(one) ? [] : [[name, each(text, one)] as const],
  )
  const schemas = all.filter(([, one]) => isJsonObject(one))
  return {
    ...(lists.length > 0 && { dependentRequired: Object.fromEntries(lists) }),
    ...(schemas.length > 0 && { dependentSchemas: Object.fromEntries(schemas) }),
  }
}
