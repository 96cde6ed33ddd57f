import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { nameOfType, typeOf } from '../../../kernel/schema-issues/issue-words.ts'
import type { ValidationIssue } from '../../../kernel/schema-issues/validation-issues.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { findInputFaults, type TakesInput } from '../../../tool/input.ts'
import { inputSchemaOf, type ObjectSchema, type PropertySchema } from '../../../tool/schema.ts'
import type { Tool } from '../../../tool/tool.ts'
import { didYouMean, suggestOrList } from '../diagnostics/did-you-mean.ts'
import { type DocumentPath, formatPath, type ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { certainFaults } from './literals.ts'
import { takesInlineText } from './tool-names.ts'

/** Reports missing parameters of a tool, and unknown ones, as far as its schema states them. */
export function checkParameters(tool: Tool, parameters: StepParameters, step: StepSpec, report: ReportFinding): void {
  const schema = inputSchemaOf(tool)
  if (!schema) return
  const { id, said } = step
  const name = said ?? tool.name
  const line =
    said !== undefined && takesInlineText(said) ? `Or write the text after it: action: ${said} ready` : undefined
  for (const needed of missingIn(schema, parameters)) {
    const at = Object.keys(step.parameters).length > 0 ? step.parametersPath : step.path
    report('missing_parameter', at, `\`${name}\` requires the parameter ${needed}`, { step: id, hint: line })
  }
  checkNestedKeys(name, schema, parameters, step, report)
  const known = Object.keys(schema.properties ?? {})
  if (!schema.properties || schema.additionalProperties) return
  for (const given of Object.keys(parameters).filter((given) => !known.includes(given))) {
    const more = { key: true, step: id, hint: suggestOrList(given, known, 'parameters') } as const
    report('unknown_parameter', [...step.parametersPath, given], `\`${name}\` has no parameter \`${given}\``, more)
  }
}

/** Maximum findings of one kind for a step. */
const MAX_FINDINGS_PER_STEP = 20

/** Reports keys deeper in a parameter that will be dropped. */
function checkNestedKeys(
  name: string,
  { properties = {} }: ObjectSchema,
  parameters: StepParameters,
  { id, parametersPath }: StepSpec,
  report: ReportFinding,
): void {
  const strays = Object.keys(parameters).flatMap((given) =>
    Object.hasOwn(properties, given) ? strayKeysIn(properties[given]!, parameters[given], [given]) : [],
  )
  for (const { path, known } of strays.slice(0, MAX_FINDINGS_PER_STEP)) {
    const more = { key: true, step: id, hint: suggestOrList(String(path.at(-1)), known, 'keys') } as const
    report('unknown_parameter', [...parametersPath, ...path], `\`${name}\` does not know \`${formatPath(path)}\``, more)
  }
}

/** The missing parameters. For parameters that replace each other, all alternatives are listed. */
function missingIn({ required = [], anyOf = [] }: ObjectSchema, parameters: StepParameters): readonly string[] {
  const isGiven = (name: string) => parameters[name] !== undefined
  const choices = anyOf.map(({ required = [] }) => required)
  const others = choices.length > 0 && !choices.some((names) => names.every(isGiven)) ? [choices.flat()] : []
  return [...required.filter((name) => !isGiven(name)).map((name) => [name]), ...others].map((names) =>
    names.map((name) => `\`${name}\``).join(' or '),
  )
}

/** Reports values that the schema of a tool or action will refuse, whatever the templates beside them yield. */
export function checkValues(
  taker: TakesInput,
  parameters: StepParameters,
  step: StepSpec,
  report: ReportFinding,
): void {
  const { required = [], properties = {} } = inputSchemaOf(taker) ?? {}
  // missing and unknown parameters are reported elsewhere
  const isTold = ({ path: [name, ...inner], value }: ValueIssue) =>
    typeof name === 'string' &&
    inner.length === 0 &&
    (value === undefined ? required.includes(name) : !Object.hasOwn(properties, name) && inputSchemaOf(taker))
  const wrong = findInputFaults(taker, parameters, certainFaults(parameters)).filter((fault) => !isTold(fault))
  for (const fault of wrong.slice(0, MAX_FINDINGS_PER_STEP)) reportIssue(fault, step, report)
}

type ValueIssue = ValidationIssue & { readonly value: unknown }

function reportIssue(fault: ValueIssue, { id, parametersPath }: StepSpec, report: ReportFinding): void {
  const { path, value, code, choices } = fault
  const name = path.length === 0 ? 'the step would fail' : `the step would fail: \`${formatPath(path)}\``
  const hint = choices && typeof value === 'string' ? didYouMean(value, choices.map(String)) : undefined
  const isOfKey = code === 'invalid_key' || code === 'unrecognized_keys'
  report('would_fail', [...parametersPath, ...path], `${name}${describeIssue(fault)}`, {
    step: id,
    hint,
    ...(isOfKey && { key: true }),
  })
}

function describeIssue({ message, code, choices, wanted, bound, value }: ValueIssue): string {
  if (code === 'unrecognized_keys') return ' is unknown'
  const allowed = choices ? choicesOf(choices) : wanted?.map(nameOfType).join(' or ')
  if (value === undefined && allowed !== undefined) return ` is missing: expected ${allowed}`
  if (choices) return `: expected ${allowed}, got ${shown(value)}`
  if (wanted) return `: expected ${allowed}, got ${nameOf(value)}`
  return bound ? `: expected ${boundOf(bound)}, got ${shown(value)}` : `: ${message}`
}

const choicesOf = (choices: readonly unknown[]) =>
  choices.length === 1 ? String(choices[0]) : `one of ${choices.map(String).join(', ')}`

function boundOf({ side, value, inclusive }: NonNullable<ValidationIssue['bound']>): string {
  if (side === 'least') return inclusive ? `${value} or more` : `more than ${value}`
  return inclusive ? `${value} or less` : `less than ${value}`
}

/** The kind of a value, or a string or a number itself. */
function nameOf(value: unknown): string {
  const kind = nameOfType(typeOf(value))
  return typeof value === 'string' || typeof value === 'number' ? `the ${typeof value} ${shown(value)}` : kind
}

const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 40)

/** A key within a value that the schema does not know at this place, and the keys that it knows. */
type StrayKey = { readonly path: DocumentPath; readonly known: readonly string[] }

/** The keys that parsing would drop. A union is judged only if the value fits exactly one member. */
function strayKeysIn(schema: PropertySchema, value: Json | undefined, at: DocumentPath = []): readonly StrayKey[] {
  const { properties, items, additionalProperties: others } = schemaFor(schema, value)
  if (isList(value)) return items ? value.flatMap((item, index) => strayKeysIn(items, item, [...at, index])) : []
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const path = [...at, key]
    const of = properties && Object.hasOwn(properties, key) ? properties[key] : others
    if (isSchema(of)) return strayKeysIn(of, item, path)
    // a schema that accepts no other keys reports them itself
    return properties && others === undefined ? [{ path, known: Object.keys(properties) }] : []
  })
}

type Kind = PropertySchema & {
  readonly properties?: { readonly [name: string]: PropertySchema }
  readonly oneOf?: readonly PropertySchema[]
  readonly const?: Json
}

const UNKNOWN_SCHEMA: Kind = {}

function schemaFor(schema: Kind, value: Json | undefined): Kind {
  const options = schema.oneOf ?? schema.anyOf
  if (!options) return schema
  const [only = UNKNOWN_SCHEMA, another] = options.filter((option) => canBe(option, value))
  return another ? UNKNOWN_SCHEMA : schemaFor(only, value)
}

function canBe({ type, properties = {} }: Kind, value: Json | undefined): boolean {
  if (type !== undefined && type !== (isList(value) ? 'array' : isJsonObject(value) ? 'object' : typeof value))
    return false
  return Object.entries(properties).every(([name, property]) =>
    isConst(property, isJsonObject(value) ? value[name] : undefined),
  )
}

const isConst = ({ const: only }: Kind, value: Json | undefined) => only === undefined || only === value
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const isSchema = (value: unknown): value is PropertySchema => typeof value === 'object' && value !== null
