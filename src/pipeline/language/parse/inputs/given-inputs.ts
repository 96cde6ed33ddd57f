import { type ErrorPlace, InvalidError, is } from '../../../../errors.ts'
import { exactNumber, findNonJson, isJsonObject, type Json, parseExact } from '../../../../kernel/json.ts'
import { isFileRef } from '../../../../lib/media/file-ref.ts'
import { createMatcher, type Matcher } from '../../../../template/template.ts'
import { parseBoolean, parseNumber } from '../../../../tool/parse-text.ts'
import type { CompiledPipeline } from '../../../plan/compiled.ts'
import type { InputSpec, Inputs, InputType } from '../../../plan/inputs.ts'
import { suggestOrList } from '../../diagnostics/did-you-mean.ts'
import { shownValue } from '../../diagnostics/expected.ts'
import { isTorn, splitList } from './list-text.ts'

/** Positions of declarations. They are stored separately, so that a pipeline does not depend on its line numbers. */
const declaredPlaces = new WeakMap<InputSpec, ErrorPlace>()

/** The position of the declaration of an input, if known. */
export const declaredPlace = (spec: InputSpec): ErrorPlace => declaredPlaces.get(spec) ?? {}

/** The input, with the place where a fault of its value is reported. */
export function withDeclaredPlace(spec: InputSpec, place: ErrorPlace): InputSpec {
  declaredPlaces.set(spec, place)
  return spec
}

/**
 * All inputs of a run: the given ones, converted from text to their types, and the defaults. The InvalidError has the
 * place of the first invalid input and names all of them.
 */
export function checkInputs(pipeline: Pick<CompiledPipeline, 'inputs'>, given: Inputs): Inputs {
  const { values, faults } = validateInputs(pipeline, given)
  if (faults.length > 0) throw joinErrors(faults)
  return values
}

/** The valid inputs, and the faults of the others. */
export function validateInputs(
  { inputs }: Pick<CompiledPipeline, 'inputs'>,
  given: Inputs,
): { readonly values: Inputs; readonly faults: readonly InvalidError[] } {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(inputs, name))
  const faults = unknown.slice(0, MAX_UNKNOWN_INPUTS).map((name) => unknownInput(name, Object.keys(inputs)))
  const values: { [name: string]: Json } = {}
  const matches = createInputMatcher()
  for (const [name, spec] of Object.entries(inputs)) {
    const value = inputFor(name, spec, given[name], matches)
    if (isFault(value)) faults.push(value)
    else values[name] = value
  }
  return { values, faults }
}

/** Given names that are not declared, up to a limit. */
const MAX_UNKNOWN_INPUTS = 100

const isFault = (value: Json | InvalidError): value is InvalidError => is(value, 'InvalidError')

function inputFor(name: string, spec: InputSpec, given: Json | undefined, matches: Matcher): Json | InvalidError {
  if (given === undefined && spec.required) {
    return refuse(name, spec, `input \`${name}\` is required`, 'input_required', `pass it with -i ${name}=…`)
  }
  if (given === undefined || isAbsent(spec, given)) return spec.default ?? null
  const stranger = findNonJson(given)
  if (stranger !== undefined)
    return refuse(name, spec, `input \`${name}\` contains ${stranger.what}, which is not JSON`, 'input_type')
  const value = coerceInput(spec.type, given)
  if (value === undefined) return wrongInput(name, spec, given, 'input_type', typeProblem(spec, given))
  const wrong = inputProblem(spec, value, matches)
  return wrong === undefined ? value : wrongInput(name, spec, given, 'input_choice', wrong)
}

/** Models and templates give null for an optional input that is absent. */
const isAbsent = ({ type, required }: InputSpec, given: Json) =>
  given === null && !required && coerceInput(type, null) === undefined

/** The first error, with the messages of all others. */
function joinErrors([first, ...others]: readonly InvalidError[]): InvalidError {
  if (others.length === 0) return first!
  const { code, place, hint } = first!
  const message = [first!, ...others].map((fault) => fault.message).join('; ')
  return new InvalidError(message, { code, place, ...(hint !== undefined && { hint }) })
}

/** The paths among the given inputs: to give a path is to open it. A default opens nothing. */
export function grantedPaths({ inputs }: Pick<CompiledPipeline, 'inputs'>, given: Inputs): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) =>
    inputs[name]?.type === 'path' && typeof value === 'string' && value !== '' ? [value] : [],
  )
}

/** The value converted to that type, read from text; undefined when it cannot be converted. */
export function coerceInput(type: InputType, value: Json): Json | undefined {
  const isText = type === 'string' || type === 'path'
  const read = typeof value === 'string' && !isText ? readText(type, value) : value
  switch (type) {
    case 'any':
      return read
    case 'path':
      return typeof value === 'string' ? value : undefined
    case 'string':
      return typeof value === 'object' ? undefined : String(value)
    case 'integer':
      return Number.isSafeInteger(read) ? read : undefined
    case 'array':
      return Array.isArray(read) ? read : undefined
    case 'object':
      return isJsonObject(read) ? read : undefined
    default:
      return typeof read === type ? read : undefined
  }
}

function readText(type: InputType, text: string): Json | undefined {
  const trimmed = text.trim()
  if (type === 'boolean') return parseBoolean(trimmed)
  if (isNumber(type)) return readExactly(trimmed)
  try {
    return parseExact(trimmed) as Json
  } catch {
    if (type === 'any') return text
    return type === 'array' && !isTorn(trimmed) ? splitList(trimmed) : undefined
  }
}

const isNumber = (type: InputType) => type === 'integer' || type === 'number'

/** A number that would lose digits stays a text. */
function readExactly(text: string): Json | undefined {
  const number = parseNumber(text)
  return number === undefined ? undefined : exactNumber(number, text)
}

/** Matches the patterns of inputs, which users write. All together they block the main thread for at most 0.1 s. */
export const createInputMatcher = (): Matcher => createMatcher({ steps: 50_000 })

/** The words for a value that cannot be converted to the type of an input. */
export const typeProblem = ({ type }: InputSpec, value: Json): string =>
  `expected a value of type ${type}, got ${shownValue(value)}`

/** Why a value of the right type is invalid; undefined when it is valid. All inputs of a pipeline share `matches`. */
export function inputProblem(spec: InputSpec, value: Json, matches: Matcher): string | undefined {
  const expected = expectationOf(spec, value)
  if (expected !== undefined) return `expected ${expected}, got ${shownGiven(value)}`
  const { pattern } = spec.rules ?? {}
  return pattern !== undefined && typeof value === 'string' ? mismatch(pattern, value, matches) : undefined
}

/** A value that has the right type, with its items. */
function shownGiven(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

const MAX_SHOWN = 80

function expectationOf({ choices, range, rules = {} }: InputSpec, value: Json): string | undefined {
  const stray = choices && strayOf(choices, value)
  if (stray !== undefined) return `${stray}one of ${choices!.map((choice) => JSON.stringify(choice)).join(', ')}`
  const [low = rules.min, high = rules.max] = range ?? []
  if (typeof value === 'number' && low !== undefined && value < low) return `at least ${low}`
  if (typeof value === 'number' && high !== undefined && value > high) return `at most ${high}`
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : undefined
  if (length !== undefined && length < (rules.min_length ?? 0))
    return `at least ${rules.min_length} characters or items`
  if (length !== undefined && length > (rules.max_length ?? length))
    return `at most ${rules.max_length} characters or items`
  return undefined
}

/** Characters of a text that a pattern is matched against. */
const MAX_MATCHED_CHARACTERS = 10_000

function mismatch(pattern: string, text: string, matches: Matcher): string | undefined {
  try {
    const fits = matches(pattern, text.slice(0, MAX_MATCHED_CHARACTERS))
    return fits ? undefined : `expected a text that matches ${pattern}, got ${shownGiven(text)}`
  } catch (error) {
    if (!is(error)) throw error
    return error.code === 'template_limit' ? `the text takes too long to match ${pattern}` : error.message
  }
}

/** The part of a value that is not among the choices; undefined: none. Choices that are no lists apply to items. */
function strayOf(choices: readonly Json[], value: Json): string | undefined {
  const isChoice = (one: Json) => choices.some((choice) => JSON.stringify(choice) === JSON.stringify(one))
  if (!Array.isArray(value) || choices.some(Array.isArray)) return isChoice(value) ? undefined : ''
  return value.every(isChoice) ? undefined : 'a list, each item '
}

function unknownInput(name: string, known: readonly string[]): InvalidError {
  const hint = suggestOrList(name, known, 'its inputs') ?? 'This pipeline has no inputs.'
  return new InvalidError(`there is no input \`${name}\``, {
    code: 'input_unknown',
    place: { path: `inputs.${name}` },
    hint,
  })
}

function wrongInput(name: string, spec: InputSpec, given: Json, code: string, wrong: string): InvalidError {
  return refuse(name, spec, `input \`${name}\`: ${wrong}`, code, suggestionFor(spec, given))
}

function suggestionFor({ choices, type }: InputSpec, given: Json): string | undefined {
  if (isNumber(type) && typeof given === 'string' && typeof readExactly(given.trim()) === 'string')
    return 'a number is exact only up to 2^53: declare the input as a string to keep all digits'
  if (choices && typeof given === 'string') return suggestOrList(given, choices.map(String), 'choices')
  if (type === 'path' && isFileRef(given))
    return 'give the path without @, or declare the input with `type: object`, which takes a stored file'
  if (type === 'array') return 'write a list as JSON, ["a", "b"], or as a,b'
  return type === 'object' ? 'write a map as JSON: {"name": "value"}' : undefined
}

function refuse(name: string, spec: InputSpec, message: string, code: string, hint?: string): InvalidError {
  const place = { ...declaredPlace(spec), path: `inputs.${name}` }
  return new InvalidError(message, { code, place, ...(hint && { hint }) })
}
