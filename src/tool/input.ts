import { type Json, parseNow } from '../kernel/schema.ts'
import { type ValidationIssue, validationIssues, valueAt } from '../kernel/schema-issues/validation-issues.ts'
import { isLongWhole } from '../lib/json/whole.ts'
import { nearestWord } from '../lib/suggest.ts'
import { parseTextParameters } from './parse-text.ts'
import { inputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

export type TakesInput = Pick<Tool, 'input'>

type Parameters = { readonly [name: string]: Json | undefined }

/** Parses texts as the tool expects and validates the parameters. InvalidError for the first fault, with advice. */
export function parseInput(taker: TakesInput, parameters: Parameters): unknown {
  return parseNow(taker.input, readInput(taker, parameters), 'parameters', hintOf)
}

const readInput = (taker: TakesInput, parameters: Parameters) =>
  parseTextParameters(taker, dropUnusedNulls(taker, parameters))

const hintOf = ({ path, choices = [], wanted = [] }: ValidationIssue, input: unknown) => {
  const value = valueAt(input, path)
  if (isLongWhole(value) && wanted.some((type) => NUMBERS.includes(type))) return LONG_HINT
  const meant = typeof value === 'string' ? nearestWord(value, choices.map(String)) : undefined
  return meant === undefined ? undefined : `Did you mean ${meant}?`
}

const NUMBERS = ['number', 'int', 'integer']
const LONG_HINT = 'A whole number beyond 2^53 is a text of its digits: the parameter must take a text, too.'

/** Finds the faults that `parseInput` would report for certain; none if the schema cannot be checked at once. */
export function findInputFaults(
  taker: TakesInput,
  parameters: Parameters,
  isSure: (fault: ValidationIssue) => boolean,
): readonly (ValidationIssue & { readonly value: unknown })[] {
  const input = readInput(taker, parameters)
  const result = validate(taker, input)
  return validationIssues(result?.issues ?? [], input, isSure).map((fault) => ({
    ...fault,
    value: valueAt(input, fault.path),
  }))
}

function validate({ input: schema }: TakesInput, input: Parameters) {
  try {
    const result = schema['~standard'].validate(input)
    if (!(result instanceof Promise)) return result
    result.catch(ofNoUse)
  } catch {
    // a custom schema may throw on a template; the call itself reports the fault
  }
  return undefined
}

// the call checks again
const ofNoUse = () => {}

/** The parameters without nulls that the tool neither accepts nor needs, at any depth: such a null counts as absent. */
export function dropUnusedNulls(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
  for (const name in parameters) {
    const value = parameters[name]
    if (typeof value === 'object') return withoutNulls(inputSchemaOf(tool) ?? {}, parameters) as Parameters
  }
  return parameters
}

/** The same value if there is nothing to drop. Only parts that the schema describes are looked at. */
function withoutNulls({ properties, required = [], items, anyOf = [] }: Described, value: Json | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    if (!items) return value
    const list = value.map((item) => withoutNulls(items, item))
    return list.some((item, index) => item !== value[index]) ? list : value
  }
  const fields = value as Parameters
  if (!properties) {
    const [option, ...others] = anyOf.filter((one) => (one as Described).properties)
    return option && others.length === 0 ? withoutNulls(option as Described, fields) : fields
  }
  const isGiven = ([name, one]: readonly [string, Json | undefined]) =>
    one !== null || !Object.hasOwn(properties, name) || required.includes(name) || takesNull(properties[name]!)
  const given = Object.entries(fields)
  const present = given
    .filter(isGiven)
    .map(([name, one]) => [
      name,
      Object.hasOwn(properties, name) ? withoutNulls(properties[name] as Described, one) : one,
    ])
  const isSame = present.length === given.length && present.every(([, one], index) => one === given[index]![1])
  return isSame ? fields : Object.fromEntries(present)
}

/** The part of a schema that says where a null means nothing. */
type Described = {
  readonly properties?: { readonly [name: string]: PropertySchema }
  readonly required?: readonly string[]
  readonly items?: PropertySchema & Described
  readonly anyOf?: readonly object[]
}

function takesNull({ type, enum: listed, anyOf, ...more }: PropertySchema): boolean {
  if (anyOf) return anyOf.some(takesNull)
  if (listed) return listed.includes(null)
  return type === undefined ? !('const' in more) : [type].flat().includes('null')
}
