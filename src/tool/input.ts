import { type Json, parseNow } from '../kernel/schema.ts'
import { type ValidationIssue, validationIssues, valueAt } from '../kernel/validation-issues.ts'
import { nearest } from '../lib/suggest.ts'
import { readTexts } from './parse-text.ts'
import { inputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

/** What takes parameters: a tool, or an action that is none. */
export type Taker = Pick<Tool, 'input'>

type Parameters = { readonly [name: string]: Json | undefined }

/** What a tool is called with: what was given, its texts read as what it expects, checked by its schema. InvalidError for the first thing that is wrong, with the word that may be meant. */
export function parseInput(taker: Taker, parameters: Parameters): unknown {
  return parseNow(taker.input, readInput(taker, parameters), 'parameters', hintOf)
}

const readInput = (taker: Taker, parameters: Parameters) => readTexts(taker, givenOf(taker, parameters))

const hintOf = ({ path, choices = [] }: ValidationIssue, input: unknown) => {
  const value = valueAt(input, path)
  const meant = typeof value === 'string' ? nearest(value, choices.map(String)) : undefined
  return meant === undefined ? undefined : `Did you mean ${meant}?`
}

/** What `parseInput` would refuse for sure, judged by the same schema; nothing where the schema does not tell at once. */
export function faultsInInput(
  taker: Taker,
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

function validate({ input: schema }: Taker, input: Parameters) {
  try {
    const result = schema['~standard'].validate(input)
    if (!(result instanceof Promise)) return result
    result.catch(ofNoUse)
  } catch {
    // a schema of somebody's that stumbles over a template: the call itself tells
  }
  return undefined
}

// the same: it is asked again when the call is made
const ofNoUse = () => {}

/** Parameters without those that are null where a tool takes no null and needs none: an input that was not given may be handed on. */
export function givenOf(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
  for (const name in parameters) if (parameters[name] === null) return withoutNulls(tool, parameters)
  return parameters
}

function withoutNulls(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
  const { properties = {}, required = [] } = inputSchemaOf(tool) ?? {}
  const isGiven = ([name, value]: [string, Json | undefined]) =>
    value !== null || !Object.hasOwn(properties, name) || required.includes(name) || takesNull(properties[name]!)
  return Object.fromEntries(Object.entries(parameters).filter(isGiven))
}

function takesNull({ type, enum: listed, anyOf, ...more }: PropertySchema): boolean {
  if (anyOf) return anyOf.some(takesNull)
  if (listed) return listed.includes(null)
  return type === undefined ? !('const' in more) : [type].flat().includes('null')
}
