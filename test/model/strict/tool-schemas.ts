import { isMap } from './openai.ts'

/** What a provider refuses in the schemas of the tools of a request; a text for each fault. */
export function toolSchemaFaults(wire: string, body: string): readonly string[] {
  const { tools = [] } = JSON.parse(body) as { readonly tools?: readonly Tool[] }
  return tools.flatMap(declarations).flatMap(({ name, schema }) => {
    const faults = [...draftFaults(schema, '#'), ...topFaults(schema)]
    walk(schema, '#', (part, at) => faults.push(...partFaults(part, at, schema, wire)))
    return faults.map((fault) => `the tool ${name}: ${fault}`)
  })
}

type Declared = { readonly name: string; readonly parameters?: unknown; readonly parametersJsonSchema?: unknown }
type Tool = Partial<Declared> & {
  readonly input_schema?: unknown
  readonly functionDeclarations?: readonly Declared[]
  readonly function?: Declared
}
type Schema = { readonly [keyword: string]: unknown }

/** The tools in the form of each protocol. */
function declarations(tool: Tool): readonly { readonly name: unknown; readonly schema: unknown }[] {
  const { name, input_schema, parameters, functionDeclarations, function: inner } = tool
  if (functionDeclarations)
    return functionDeclarations.map((one) => ({ name: one.name, schema: one.parametersJsonSchema }))
  if (inner) return [{ name: inner.name, schema: inner.parameters }]
  return [{ name, schema: input_schema ?? parameters }]
}

function topFaults(schema: unknown): string[] {
  if (!isMap(schema) || schema.type !== 'object') return ['it is not of an object']
  const combined = ['oneOf', 'anyOf', 'allOf', 'not', 'enum'].filter((key) => schema[key] !== undefined)
  return [...combined.map((key) => `${key} at its top`), ...(isMap(schema.properties) ? [] : ['it has no properties'])]
}

/** Anthropic judges names, OpenAI and Google want items, Google knows what is required, and all follow references. */
function partFaults(part: Schema, at: string, root: unknown, wire: string): string[] {
  const faults: string[] = []
  const properties = isMap(part.properties) ? part.properties : {}
  const isList = part.type === 'array' || (Array.isArray(part.type) && part.type.includes('array'))
  for (const name of Object.keys(properties))
    if (wire === 'anthropic' && !/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) faults.push(`${at}: the name ${name}`)
  if (wire !== 'anthropic' && isList && !isMap(part.items)) faults.push(`${at}: no items`)
  for (const name of (part.required ?? []) as string[])
    if (wire === 'google' && !Object.hasOwn(properties, name)) faults.push(`${at}: ${name} is required and no property`)
  if (part.$ref === undefined) return faults
  if (wire === 'google' && Object.keys(part).length > 1) faults.push(`${at}: keywords beside a reference`)
  const [, name = ''] = /^#\/\$defs\/([\w.-]+)$/.exec(String(part.$ref)) ?? []
  const isKnown = part.$ref === '#' || (isMap(root) && isMap(root.$defs) && isMap(root.$defs[name]))
  return isKnown ? faults : [...faults, `${at}: the reference ${part.$ref}`]
}

const isNumber = (value: unknown) => typeof value === 'number'
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0
const isText = (value: unknown) => typeof value === 'string'
const isFlag = (value: unknown) => typeof value === 'boolean'
const isType = (value: unknown) => /^(?:object|array|string|number|integer|boolean|null)$/.test(String(value))
const areUnique = (value: unknown, each: (one: unknown) => boolean): value is readonly unknown[] =>
  Array.isArray(value) && value.every(each) && new Set(value).size === value.length

/** The meta-schema of draft 2020-12: what the value of a keyword has to be. */
const RULES: { readonly [keyword: string]: (value: unknown) => boolean } = {
  ...Object.fromEntries(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((key) => [key, isNumber])),
  ...Object.fromEntries(
    ['Length', 'Items', 'Properties', 'Contains'].flatMap((key) => [
      [`min${key}`, isCount],
      [`max${key}`, isCount],
    ]),
  ),
  ...Object.fromEntries(['title', 'description', '$comment', 'format', '$ref'].map((key) => [key, isText])),
  ...Object.fromEntries(['uniqueItems', 'readOnly', 'writeOnly', 'deprecated'].map((key) => [key, isFlag])),
  multipleOf: (value) => isNumber(value) && (value as number) > 0,
  required: (value) => areUnique(value, isText),
  enum: (value) => Array.isArray(value) && value.length > 0,
  examples: Array.isArray,
  type: (value) =>
    isText(value) ? isType(value) : Array.isArray(value) && value.length > 0 && areUnique(value, isType),
  pattern: (value) => isText(value) && isExpression(value as string),
  dependentRequired: (value) => isMap(value) && Object.values(value).every((one) => areUnique(one, isText)),
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source) !== undefined
  } catch {
    return false
  }
}

const ONE = ['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

function draftFaults(schema: unknown, at: string): string[] {
  if (typeof schema === 'boolean') return []
  if (!isMap(schema)) return [`${at} is not a schema: ${JSON.stringify(schema)}`]
  return Object.entries(schema).flatMap(([key, value]) => {
    const rule = Object.hasOwn(RULES, key) ? RULES[key]! : () => true
    const faults = rule(value) ? [] : [`${at}/${key}: ${JSON.stringify(value)}`]
    if (ONE.includes(key)) return [...faults, ...draftFaults(value, `${at}/${key}`)]
    if (LISTS.includes(key) && (!Array.isArray(value) || value.length === 0))
      return [`${at}/${key} is not a list with items`]
    if (MAPS.includes(key) && !isMap(value)) return [`${at}/${key} is not a map`]
    if (key === '$schema' && !/2020-12/.test(String(value))) faults.push(`${at}/$schema: ${value}`)
    if (!LISTS.includes(key) && !MAPS.includes(key)) return faults
    return [
      ...faults,
      ...Object.entries(value as object).flatMap(([name, one]) => draftFaults(one, `${at}/${key}/${name}`)),
    ]
  })
}

/** Visits all schemas in a schema. */
function walk(schema: unknown, at: string, visit: (part: Schema, at: string) => void): void {
  if (!isMap(schema)) return
  visit(schema, at)
  for (const [key, value] of Object.entries(schema)) {
    if (ONE.includes(key)) walk(value, `${at}/${key}`, visit)
    if (!LISTS.includes(key) && !MAPS.includes(key)) continue
    for (const [name, one] of Object.entries((value ?? {}) as object)) walk(one, `${at}/${key}/${name}`, visit)
  }
}
