import { isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { JsonSchema } from '../prompt/task.ts'

/**
 * The schema of a tool as every provider takes it. `note`: a sentence for the description in place of a keyword;
 * `lost`: parts that the model does not see. The tool still checks its input against the whole schema.
 */
export type AcceptableSchema = { readonly schema: JsonSchema; readonly note?: string; readonly lost: readonly string[] }

type Fields = { readonly [keyword: string]: Json }

const known = new WeakMap<object, AcceptableSchema | { readonly fault: string }>()

/**
 * Makes the schema of a tool acceptable: an object with `properties`, without combinations at its top, and with schemas
 * wherever JSON Schema wants one. `fault`: its parameters are not an object. Pure.
 */
export function acceptableSchema(given: unknown): AcceptableSchema | { readonly fault: string } {
  if (typeof given !== 'object' || given === null) return mended(given)
  const found = known.get(given) ?? mended(given)
  known.set(given, found)
  return found
}

function mended(given: unknown): AcceptableSchema | { readonly fault: string } {
  const lost: string[] = []
  if (!isJsonObject(given) && given !== true && given !== undefined) lost.push('it is not a JSON Schema')
  const top = merged(isJsonObject(given) ? given : {}, lost)
  const { type = 'object' } = top
  if (type !== 'object' && !(Array.isArray(type) && type.includes('object')))
    return { fault: `its parameters are ${JSON.stringify(type)} and not an object` }
  const { properties = {}, ...rest } = subschema({ ...top, type: 'object' }, '', lost, 0)
  const note = choiceNote(given)
  return { schema: { ...rest, type: 'object', properties }, lost, ...(note !== undefined && { note }) }
}

/** Keywords that providers refuse at the top. */
const COMBINED = ['allOf', 'anyOf', 'oneOf'] as const
const CONDITIONS = ['not', 'enum', 'const']

/** The properties of all branches together; what each branch requires is required where all do so. */
function merged(given: Fields, lost: string[]): Fields {
  const top = resolved(given, given)
  const rest = Object.fromEntries(
    Object.entries(top).filter(([name]) => !CONDITIONS.includes(name) && !COMBINED.some((one) => one === name)),
  )
  for (const name of CONDITIONS) if (top[name] !== undefined) lost.push(`${name} at its top`)
  let [properties, required] = [isJsonObject(rest.properties) ? rest.properties : {}, namesIn(rest.required)]
  for (const key of COMBINED) {
    const branches = listOf(top[key])
      .filter(isJsonObject)
      .map((branch) => resolved(branch, given))
    if (branches.length === 0) continue
    if (key !== 'allOf' && branches.some((branch) => !isChoice(branch))) lost.push(`${key} at its top`)
    for (const branch of branches)
      properties = { ...(isJsonObject(branch.properties) ? branch.properties : {}), ...properties }
    const each = branches.map((branch) => namesIn(branch.required))
    const all =
      key === 'allOf' ? each.flat() : (each[0] ?? []).filter((name) => each.every((one) => one.includes(name)))
    required = [...new Set([...required, ...all])]
  }
  for (const branch of conditional(top))
    if (isJsonObject(branch) && isJsonObject(branch.properties)) properties = { ...branch.properties, ...properties }
  const isWide = Object.keys(properties).length > 0 || isJsonObject(rest.properties)
  return { ...rest, ...(isWide && { properties }), ...(required.length > 0 && { required }) }
}

/** The schemas that hold under a condition: parameters that only they name must not get lost. */
const conditional = ({ then: met, else: unmet, dependentSchemas }: Fields): readonly (Json | undefined)[] => [
  ...[met, unmet],
  ...(isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : []),
]

/** A branch that only says which parameters are required. */
const isChoice = (branch: Fields) => Object.keys(branch).every((name) => name === 'required')

function choiceNote(given: unknown): string | undefined {
  const branches = isJsonObject(given) ? listOf(given.anyOf ?? given.oneOf) : []
  if (branches.length === 0 || !branches.every((branch) => isJsonObject(branch) && isChoice(branch))) return undefined
  const choices = branches.map((branch) => namesIn((branch as Fields).required).join(' with '))
  return `It needs ${choices.join(', or ')}.`
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const namesIn = (value: Json | undefined) => listOf(value).filter((name) => typeof name === 'string')

/** A schema with a reference into itself at its top. */
function resolved(schema: Fields, root: Fields): Fields {
  const [, place, name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String(schema.$ref)) ?? []
  const defined = place === undefined ? undefined : (root[place] as Fields | undefined)?.[name]
  if (!isJsonObject(defined)) return schema
  const { $ref: _, ...own } = schema
  return { ...defined, ...own }
}

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const isType = (type: Json) => typeof type === 'string' && TYPES.includes(type)
const MAX_DEPTH = 50

/** A schema with schemas wherever JSON Schema wants one; any other value becomes a schema that accepts everything. */
function subschema(
  given: Json | undefined,
  path: string,
  lost: string[],
  depth: number,
): { readonly [keyword: string]: Json } {
  if (!isJsonObject(given) || depth > MAX_DEPTH) {
    if (typeof given !== 'boolean') lost.push(`${path || 'it'}, which is not a schema`)
    return {}
  }
  const fields = Object.entries(given).flatMap(([name, value]): [string, Json][] => {
    const at = path === '' ? name : `${path}.${name}`
    const supported = keyword(name, value, at, lost, depth + 1)
    if (supported === undefined) lost.push(at)
    return supported === undefined ? [] : [[name, supported]]
  })
  const isList = given.type === 'array' || listOf(given.type).includes('array')
  return Object.fromEntries(
    isList && !isJsonObject(given.items) ? [...fields.filter(([name]) => name !== 'items'), ['items', {}]] : fields,
  )
}

function keyword(name: string, value: Json, path: string, lost: string[], depth: number): Json | undefined {
  const inner = (one: Json, key: string | number) => subschema(one, `${path}.${key}`, lost, depth)
  switch (name) {
    case 'type':
      return isType(value) || (Array.isArray(value) && value.length > 0 && value.every(isType)) ? value : undefined
    case 'properties':
    case '$defs':
    case 'definitions':
      if (!isJsonObject(value)) return undefined
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one, key)]))
    case 'required':
      return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
    case 'enum':
      return Array.isArray(value) && value.length > 0 ? value : undefined
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
      return Array.isArray(value) && value.length > 0 ? value.map(inner) : undefined
    case 'items':
      return subschema(Array.isArray(value) ? {} : value, path, lost, depth)
    case 'additionalProperties':
      return typeof value === 'boolean' ? value : subschema(value, path, lost, depth)
    default:
      return value
  }
}
