import { type Json, parseNow } from '../kernel/schema.ts'
import { type ValidationIssue, validationIssues, valueAt } from '../kernel/validation-issues.ts'
import { nearestWord } from '../lib/suggest.ts'
import { parseTextParameters } from './parse-text.ts'
import { inputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

/** A tool, or an action, that takes parameters. */
export type TakesInput = Pick<Tool, 'input'>

type Parameters = { readonly [name: string]: Json | undefined }

/**
 * Parses texts as the tool expects and validates the parameters.
 * @throws InvalidError for the first fault, with a suggestion
 */
export function parseInput(taker: TakesInput, parameters: Parameters): unknown {
  return parseNow(taker.input, readInput(taker, parameters), 'parameters', hintOf)
}

const readInput = (taker: TakesInput, parameters: Parameters) =>
  parseTextParameters(taker, dropUnusedNulls(taker, parameters))

const hintOf = ({ path, choices = [] }: ValidationIssue, input: unknown) => {
  const value = valueAt(input, path)
  const meant = typeof value === 'string' ? nearestWord(value, choices.map(String)) : undefined
  return meant === undefined ? undefined : `Did you mean ${meant}?`
}

/**
 * Finds the faults that `parseInput` would certainly report. Returns none if the schema cannot be
 * checked synchronously.
 */
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

/** The parameters without nulls that the tool neither accepts nor needs: a null from a template counts as absent. */
export function dropUnusedNulls(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
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
