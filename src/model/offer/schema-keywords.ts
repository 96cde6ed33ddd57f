import { isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'

type Fields = { readonly [keyword: string]: Json }

/** Says that a part of a schema is left out. */
type Lose = (keyword: string) => void

/**
 * The keywords of one schema in the words of draft 2020-12: those of older drafts are translated, and so are values of
 * a wrong type whose meaning is clear. Others are left out. The schemas inside stay as they are. Pure.
 */
export function modernKeywords(given: Fields, lose: Lose = () => {}): Fields {
  const { $schema: _, $id: __, divisibleBy, dependencies, additionalItems, ...rest } = given
  const plain = Object.entries({ ...(divisibleBy !== undefined && { multipleOf: divisibleBy }), ...rest }).flatMap(
    ([name, value]): [string, Json][] => {
      const mended = Object.hasOwn(RULES, name) ? RULES[name]!(value) : value
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

type Rule = (value: Json) => Json | undefined

const isText = (value: Json) => typeof value === 'string'
const text: Rule = (value) => (isText(value) ? value : undefined)
const words: Rule = (value) => (['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined)
const flag: Rule = (value) => (['true', 'false'].includes(String(value)) ? String(value) === 'true' : undefined)
const list: Rule = (value) => (Array.isArray(value) ? value : undefined)
const number = (value: Json) => {
  const found = isText(value) && value.trim() !== '' ? Number(value) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}
const count: Rule = (value) => {
  const found = number(value)
  return Number.isInteger(found) && found! >= 0 ? found : undefined
}
const above0: Rule = (value) => {
  const found = number(value)
  return found !== undefined && found > 0 ? found : undefined
}
/** A bound that older drafts have as true, too. */
const exclusive: Rule = (value) => (flag(value) === undefined ? number(value) : flag(value))
const pattern: Rule = (value) => (isText(value) && isExpression(value) ? value : undefined)
const each = (rule: (one: Json) => Json | undefined, value: Json): Json[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => rule(one) ?? [])

/** A keyword whose value has a form; a value in another form has the meaning that the rule gives it. */
const RULES: { readonly [keyword: string]: Rule } = {
  type: (value) => {
    const types = each(typeIn, value)
    const isWhole = types.length > 0 && types.length === each((one) => one, value).length
    return !isWhole ? undefined : Array.isArray(value) && types.length > 1 ? [...new Set(types)] : types[0]
  },
  enum: (value) => {
    const values = Array.isArray(value) ? new Map(value.map((one) => [JSON.stringify(one), one])) : []
    return [...values].length > 0 ? [...values].map(([, one]) => one) : undefined
  },
  ...{ title: words, description: words, $comment: words, format: text, pattern },
  ...{ $ref: text, contentEncoding: text, contentMediaType: text, examples: list },
  ...{ $anchor: ofNoUse, $dynamicAnchor: ofNoUse, $recursiveAnchor: ofNoUse, $vocabulary: ofNoUse },
  ...{ $dynamicRef: ofNoUse, $recursiveRef: ofNoUse },
  ...{ minimum: number, maximum: number, exclusiveMinimum: exclusive, exclusiveMaximum: exclusive, multipleOf: above0 },
  ...{ minLength: count, maxLength: count, minItems: count, maxItems: count, minContains: count, maxContains: count },
  ...{ minProperties: count, maxProperties: count },
  ...{ uniqueItems: flag, readOnly: flag, writeOnly: flag, deprecated: flag },
  dependentRequired: (value) =>
    isJsonObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, [...new Set(each(text, one))]]))
      : undefined,
}

function ofNoUse() {
  return undefined
}

/** A null that stands for nothing, a name for references that are followed here, and what `withRequired` reads. */
const isWithoutMeaning = (name: string, value: Json) =>
  /^\$(?:anchor|dynamicAnchor|recursiveAnchor|vocabulary)$/.test(name) ||
  ((name === 'title' || name === 'description') && value === null) ||
  (name === 'type' && value === 'any')

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
/** Words of other languages for the types. */
const TYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ...TYPES.map((type) => [type, type] as const),
  ...(['int', 'long'] as const).map((word) => [word, 'integer'] as const),
  ...(['float', 'double'] as const).map((word) => [word, 'number'] as const),
  ...([
    ['bool', 'boolean'],
    ['list', 'array'],
    ['dict', 'object'],
  ] as const),
])
const typeIn = (value: Json) => (isText(value) ? TYPE_WORDS.get((value as string).toLowerCase()) : undefined)

/** Whether a text is a regular expression. It is never executed. */
function isExpression(source: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(source, flags) !== undefined
    } catch {
      return false
    }
  })
}

/** `exclusiveMinimum: true` of draft 4 makes `minimum` exclusive. */
function withBounds(fields: Fields, lose: Lose): Fields {
  const bounds = { ...fields } as { [keyword: string]: Json }
  for (const side of ['inimum', 'aximum']) {
    const [plain, exclusiveName] = [`m${side}`, `exclusiveM${side}`]
    const isExclusive = bounds[exclusiveName]
    if (typeof isExclusive !== 'boolean') continue
    delete bounds[exclusiveName]
    if (!isExclusive) continue
    if (bounds[plain] === undefined) lose(exclusiveName)
    else bounds[exclusiveName] = bounds[plain]
    delete bounds[plain]
  }
  return bounds
}

/** Names that are required, each once. Draft 3 says it at the property. */
function withRequired({ required, ...fields }: Fields, given: Fields, lose: Lose): { [keyword: string]: Json } {
  const names = Array.isArray(required) ? required : []
  const isList = Array.isArray(required) && names.every(isText)
  if (required !== undefined && typeof required !== 'boolean' && !isList) lose('required')
  const properties = isJsonObject(given.properties) ? Object.entries(given.properties) : []
  const inside = properties.flatMap(([name, one]) => (isJsonObject(one) && one.required === true ? [name] : []))
  const all = [...new Set([...names.filter(isText), ...inside])]
  return { ...fields, ...(all.length > 0 && { required: all }) }
}

/** A list of schemas as `items` is `prefixItems` now. */
function tupleOf(items: Json | undefined, additional: Json | undefined): Fields {
  if (!Array.isArray(items)) return {}
  return {
    ...(items.length > 0 && { prefixItems: items }),
    items: isJsonObject(additional) ? additional : {},
    ...(additional === false && { maxItems: items.length }),
  }
}

function dependenciesOf(dependencies: Json | undefined): Fields {
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
