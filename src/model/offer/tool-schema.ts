import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { targetOf } from '../../lib/json/pointer.ts'
import type { JsonSchema } from '../prompt/task.ts'
import { type ParameterNames, parameterNames, withSentNames } from './parameter-names.ts'
import { modernKeywords } from './schema-keywords.ts'
import { mendedSchema } from './schema-parts.ts'

/**
 * The schema of a tool as every provider takes it. `names`: the parameters that have other names in it; `note`: a
 * sentence for the description in place of a keyword; `lost`: parts that the model does not see. The tool still checks
 * its input against the whole schema.
 */
type AcceptableSchema = {
  readonly schema: JsonSchema
  readonly names: ParameterNames
  readonly note?: string
  readonly lost: readonly string[]
}

const known = new WeakMap<object, AcceptableSchema | { readonly fault: string }>()

/**
 * Makes the schema of a tool acceptable: an object with `properties`, without combinations at its top, and with schemas
 * wherever JSON Schema wants one. `fault`: its parameters are not an object. Pure.
 */
export function acceptableSchema(given: unknown): AcceptableSchema | { readonly fault: string } {
  return typeof given === 'object' && given !== null ? getOrInsert(known, given, mended) : mended(given)
}

export function namesOfSchema(given: unknown): ParameterNames {
  const found = acceptableSchema(given)
  return 'names' in found ? found.names : NO_NAMES
}

const NO_NAMES: ParameterNames = { own: new Map(), sent: new Map() }

function mended(given: unknown): AcceptableSchema | { readonly fault: string } {
  const lost: string[] = []
  if (!isJsonObject(given) && given !== true && given !== undefined) lost.push('it is not a JSON Schema')
  const root = isJsonObject(given) ? given : {}
  const top = merged(root, lost)
  const { type = 'object' } = top
  if (type !== 'object' && !(Array.isArray(type) && type.includes('object')))
    return { fault: `its parameters are ${JSON.stringify(type)} and not an object` }
  const { properties = {}, ...rest } = mendedSchema({ ...top, type: 'object' }, root, lost)
  const own = { ...rest, type: 'object', properties }
  const names = parameterNames(own)
  const note = choiceNote(given, names)
  return { schema: withSentNames(own, names) as JsonSchema, names, lost, ...(note !== undefined && { note }) }
}

/** Keywords that providers refuse at the top. */
const COMBINED = ['allOf', 'anyOf', 'oneOf'] as const
const CONDITIONS = ['not', 'enum', 'const']

/** The properties of all branches together; what each branch requires is required where all do so. */
function merged(given: JsonObject, lost: string[]): JsonObject {
  const top = resolved(given, given, (keyword) => lost.push(keyword))
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
const conditional = ({ then: met, else: unmet, dependentSchemas }: JsonObject): readonly (Json | undefined)[] => [
  ...[met, unmet],
  ...(isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : []),
]

/** A branch that only says which parameters are required. */
const isChoice = (branch: JsonObject) => Object.keys(branch).every((name) => name === 'required')

function choiceNote(given: unknown, { sent }: ParameterNames): string | undefined {
  const branches = isJsonObject(given) ? listOf(given.anyOf ?? given.oneOf) : []
  if (branches.length === 0 || !branches.every((branch) => isJsonObject(branch) && isChoice(branch))) return undefined
  const choices = branches.map((branch) =>
    namesIn((branch as JsonObject).required)
      .map((name) => sent.get(name) ?? name)
      .join(' with '),
  )
  return `It needs ${choices.join(', or ')}.`
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const namesIn = (value: Json | undefined) => listOf(value).filter((name) => typeof name === 'string')

/** A schema in the words of draft 2020-12, with the target of its reference. */
function resolved(given: JsonObject, root: JsonObject, lose?: (keyword: string) => void): JsonObject {
  let schema = given
  for (let followed = 0; typeof schema.$ref === 'string' && followed < MAX_FOLLOWED; followed++) {
    const target = targetOf<Json>(schema.$ref, root)
    if (!isJsonObject(target)) break
    const { $ref: _, ...own } = schema
    schema = { ...target, ...own }
  }
  return modernKeywords(schema, lose)
}

/** References at the top that are followed into each other. */
const MAX_FOLLOWED = 20
