import { asText, isJsonObject, type Json, type JsonObject } from '../../../../kernel/json.ts'
import type { Matcher } from '../../../../template/template.ts'
import { parseBoolean } from '../../../../tool/parse-text.ts'
import { INPUT_TYPES, type InputRules, type InputSpec, type InputType } from '../../../plan/inputs.ts'
import { suggestOrList } from '../../diagnostics/did-you-mean.ts'
import { expectedGot, shownValue } from '../../diagnostics/expected.ts'
import type { DocumentPath, ReportFinding } from '../../diagnostics/finding.ts'
import { checkKeys, checkUnique, keyRulesOf } from '../../schema/check-keys.ts'
import { INPUT_TABLE, RULE_TABLE } from '../../schema/pipeline-keys.ts'
import { hasAutoTag } from '../../source/find-tags.ts'
import type { LocatedDocument } from '../../source/read-yaml.ts'
import { coerceInput, createInputMatcher, inputProblem, withDeclaredPlace } from './given-inputs.ts'

type Declarations = { [name: string]: InputSpec }

const MAX_INPUTS = 10_000

/** Reads the inputs from `inputs:` and the older `parameters:`, which wins when both declare a name. */
export function readInputs(value: JsonObject, source: LocatedDocument): Declarations {
  const { file, report, locate } = source
  const declared: Declarations = {}
  const matches = createInputMatcher()
  for (const section of ['inputs', 'parameters']) {
    const declarations = declarationsIn(value[section], [section], report)
    if (declarations.length > MAX_INPUTS)
      report('too_large', [section], `more than ${MAX_INPUTS} inputs`, {
        hint: 'Declare one input that is a list or a map.',
      })
    for (const { name, body, path } of declarations.slice(0, MAX_INPUTS)) {
      const input = readInput(body, path, { report, matches, written: source.written })
      checkOldBoolean(input, body, path, source)
      const both = Object.hasOwn(declared, name) ? merge(declared[name]!, input) : input
      declared[name] = withDeclaredPlace(both, { file, ...locate(path) })
    }
  }
  return declared
}

/** Adds an input for each given name that is not declared, if the text contains that word at all. */
export function addUndeclaredInputs<Spec extends { readonly inputs: Declarations }>(
  spec: Spec,
  given: readonly string[],
  text: string,
): Spec {
  const words = new Set(text.match(/\w[\w-]*/g))
  const adopted = given.filter((name) => !Object.hasOwn(spec.inputs, name) && isName(name) && words.has(name))
  if (adopted.length === 0) return spec
  const inputs = Object.fromEntries(adopted.map((name) => [name, { type: 'any', required: true } as const]))
  return { ...spec, inputs: { ...spec.inputs, ...inputs } }
}

/** Merges two declarations. The later one wins. */
function merge(earlier: InputSpec, later: InputSpec): InputSpec {
  const both = { ...earlier, ...later, type: later.type === 'any' ? earlier.type : later.type }
  return { ...both, required: later.required && earlier.required }
}

type Declaration = { readonly name: string; readonly body: Json; readonly path: DocumentPath }

/** Reads a map by name, or a list of maps with a `name:` each. */
function declarationsIn(section: Json | undefined, path: DocumentPath, report: ReportFinding): readonly Declaration[] {
  if (section === undefined || section === null) return []
  if (isJsonObject(section))
    return Object.entries(section).flatMap(([name, body]) => named(name, body, [...path, name], report))
  if (Array.isArray(section)) {
    const taken = new Set<string>()
    return section
      .flatMap((item, index) => {
        const { name, ...body } = isJsonObject(item) ? item : ({} as JsonObject)
        return named(name, body, [...path, index], report, isJsonObject(item) ? undefined : AS_ITEM)
      })
      .filter(({ name, path }) => checkUnique(name, taken, path, `inputs named \`${name}\``, report))
  }
  report('bad_value', path, expectedGot(path.join(), 'a map of declarations', section))
  return []
}

const AS_ITEM = 'Write `- name: topic` with `type:` and `default:`.'

function named(
  name: Json | undefined,
  body: Json,
  path: DocumentPath,
  report: ReportFinding,
  hint?: string,
): readonly Declaration[] {
  if (isName(name)) return [{ name, body, path }]
  const expected = 'the name of an input, which is a letter followed by letters, digits, _ and -'
  report('bad_value', path, `expected ${expected}, got ${shownValue(name)}`, { hint })
  return []
}

function isName(name: Json | undefined): name is string {
  return typeof name === 'string' && /^[a-zA-Z_][a-zA-Z0-9_-]{0,99}$/.test(name) && !(name in {})
}

const RULE_KEYS = keyRulesOf(RULE_TABLE)
const INPUT_KEYS = {
  ...keyRulesOf(INPUT_TABLE),
  else: `Put rules under \`validation:\`: ${RULE_KEYS.known.join(', ')}.`,
}

/** The report function, the matcher for patterns, and plain values as they are written. */
type InputReader = Pick<LocatedDocument, 'report' | 'written'> & { readonly matches: Matcher }

function readInput(body: Json, path: DocumentPath, reading: InputReader): InputSpec {
  const { report } = reading
  const isDeclaration = isJsonObject(body) && ['type', 'description', 'required', 'default'].some((key) => key in body)
  if (!isDeclaration) return constant(body)
  checkKeys(body, INPUT_KEYS, path, report)
  const outer = isJsonObject(body.default) && isDeclared(body.default) ? body.default : body
  const { required = outer.required } = body
  const type = readType(outer.type, [...path, 'type'], report)
  const spec = {
    type,
    required: required === true || (required === undefined && outer.default === undefined),
    ...(typeof body.description === 'string' && { description: body.description }),
    ...readConstraints(body, type, path, reading),
  }
  const at = [...path, 'default', ...(outer === body ? [] : ['default'])]
  return { ...spec, ...readDefault(spec, asWritten(type, outer.default, at, reading), at, reading) }
}

/** A text is what is written: the number of `3.10` is 3.1, and that of `01234` is 1234. */
function asWritten(
  type: InputType,
  value: Json | undefined,
  path: DocumentPath,
  { written }: InputReader,
): Json | undefined {
  const isRead = typeof value === 'number' || typeof value === 'boolean'
  return (type === 'string' || type === 'path') && isRead ? (written(path) ?? value) : value
}

/** Whether a default is itself a declaration, as written by programs that copy declarations. */
function isDeclared(value: JsonObject): boolean {
  const known = Object.keys(value).every((key) => INPUT_KEYS.known.includes(key))
  return known && 'type' in value && ('default' in value || typeof value.required === 'boolean')
}

function constant(body: Json): InputSpec {
  const kind = Array.isArray(body) ? 'array' : Number.isInteger(body) ? 'integer' : typeof body
  return { type: body === null ? 'any' : (INPUT_TYPES[kind] ?? 'any'), required: false, default: body }
}

function readType(type: Json | undefined, path: DocumentPath, report: ReportFinding): InputType {
  if (type === undefined) return 'any'
  const known = typeof type === 'string' && Object.hasOwn(INPUT_TYPES, type) ? INPUT_TYPES[type] : undefined
  if (known) return known
  const hint = suggestOrList(asText(type), Object.keys(INPUT_TYPES), 'types')
  report('input_type', path, `${JSON.stringify(type)} is not a type of an input`, { hint })
  return 'any'
}

function readDefault(
  spec: InputSpec,
  value: Json | undefined,
  path: DocumentPath,
  { report, matches }: InputReader,
): Pick<InputSpec, 'default' | 'asks'> {
  if (value === undefined) return {}
  if (typeof value === 'string' && hasAutoTag(value)) return { asks: { text: value, path } }
  if (typeof value === 'string' && /\{\{|\{%/.test(value)) {
    report('not_supported', path, 'templates in a default are not supported', {
      hint: 'Write a plain value, or `<AUTO>a question for a model</AUTO>`.',
    })
    return {}
  }
  const typed = spec.type === 'any' || value === null ? value : coerceInput(spec.type, value)
  if (typed === undefined) report('input_type', path, expectedGot('default', `a value of type ${spec.type}`, value))
  const wrong = typed === undefined || typed === null ? undefined : inputProblem(spec, typed, matches)
  if (wrong !== undefined) report('input_choice', path, `\`default\`: ${wrong}`)
  return typed === undefined ? {} : { default: typed }
}

type Constraints = Pick<InputSpec, 'choices' | 'range' | 'rules'>

function readConstraints(body: JsonObject, type: InputType, path: DocumentPath, reading: InputReader): Constraints {
  const { report } = reading
  const rules = isJsonObject(body.validation) ? body.validation : {}
  checkKeys(rules, RULE_KEYS, [...path, 'validation'], report)
  checkForms(body, path, report)
  const [choices, key] =
    body.choices !== undefined
      ? [body.choices, ['choices']]
      : body.enum !== undefined
        ? [body.enum, ['enum']]
        : [rules.allowed_values, ['validation', 'allowed_values']]
  const written = (choice: Json, n: number) => asWritten(type, choice, [...path, ...key, n], reading)!
  return {
    ...(Array.isArray(choices) && { choices: choices.map(written) }),
    ...(isRange(body.range) && { range: body.range }),
    ...(Object.keys(rules).length > 0 && { rules: readRules(rules, [...path, 'validation'], reading) }),
  }
}

function checkForms(body: JsonObject, path: DocumentPath, report: ReportFinding): void {
  const { choices, enum: words, range, validation, required } = body
  const refuse = (key: string, expected: string) =>
    report('bad_value', [...path, key], expectedGot(key, expected, body[key]))
  if (choices !== undefined && !Array.isArray(choices)) refuse('choices', 'a list of values')
  if (words !== undefined && !Array.isArray(words)) refuse('enum', 'a list of values')
  if (range !== undefined && !isRange(range)) refuse('range', 'a list of two numbers, minimum and maximum')
  if (validation !== undefined && !isJsonObject(validation)) refuse('validation', 'a map of rules')
  if (required !== undefined && typeof required !== 'boolean') refuse('required', 'true or false')
}

function isRange(range: Json | undefined): range is readonly [number, number] & Json {
  if (!Array.isArray(range) || range.length !== 2) return false
  const [low, high] = range
  return typeof low === 'number' && typeof high === 'number' && low <= high
}

function readRules(rules: JsonObject, path: DocumentPath, { report, matches }: InputReader): InputRules {
  const { pattern, allowed_values: _, ...numbers } = rules
  for (const [key, value] of Object.entries(numbers))
    if (RULE_KEYS.known.includes(key) && typeof value !== 'number')
      report('bad_value', [...path, key], expectedGot(key, 'a number', value))
  const limits = Object.entries(numbers).filter(([, value]) => typeof value === 'number')
  if (typeof pattern !== 'string') return Object.fromEntries(limits)
  try {
    new RegExp(pattern, 'u')
    matches(pattern, '')
    return { ...Object.fromEntries(limits), pattern }
  } catch (error) {
    report('bad_value', [...path, 'pattern'], (error as Error).message)
    return Object.fromEntries(limits)
  }
}

/** Words that YAML 1.1, as in PyYAML, reads as true or false. */
const OLD_BOOLEAN = /^(?:yes|no|on|off)$/i

/** Warns of an unquoted word in an input without a type, if YAML 1.1 would have read it as true or false. */
function checkOldBoolean({ type, choices }: InputSpec, body: Json, path: DocumentPath, source: LocatedDocument): void {
  const [word, at] = isJsonObject(body) ? [body.default, [...path, 'default']] : [body, path]
  if (typeof word !== 'string' || (isJsonObject(body) && type !== 'any') || choices || !source.isUnquoted(at)) return
  if (!OLD_BOOLEAN.test(word)) return
  const meant = parseBoolean(word)
  source.report('old_boolean', at, `\`${word}\` is a text in YAML 1.2, not ${meant}`, {
    hint: `Write ${meant}, or "${word}" in quotes for the text.`,
  })
}
