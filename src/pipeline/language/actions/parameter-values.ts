import type { Fault } from '../../../kernel/validation-issues.ts'
import { faultsInInput, type Taker } from '../../../tool/input.ts'
import { inputSchemaOf } from '../../../tool/schema.ts'
import type { Parameters } from '../../plan/compiled.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { formatPath, type Report } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { isSureIn } from './literals.ts'

/** Reports what the schema of a tool, or of an action that is none, will refuse of what the author wrote, whatever the templates beside it yield. */
export function checkValues(taker: Taker, parameters: Parameters, step: StepSpec, report: Report): void {
  const { required = [], properties = {} } = inputSchemaOf(taker) ?? {}
  // whether all that it needs is there, and no more, is told otherwise
  const isTold = ({ path: [name, ...inner], value }: Wrong) =>
    typeof name === 'string' &&
    inner.length === 0 &&
    (value === undefined ? required.includes(name) : !Object.hasOwn(properties, name) && inputSchemaOf(taker))
  const wrong = faultsInInput(taker, parameters, isSureIn(parameters)).filter((fault) => !isTold(fault))
  for (const fault of wrong.slice(0, MOST)) reportFault(fault, step, report)
}

/** Faults that are told of one step. */
const MOST = 20

type Wrong = Fault & { readonly value: unknown }

function reportFault(fault: Wrong, { id, parametersPath }: StepSpec, report: Report): void {
  const { path, value, code, choices } = fault
  const name = path.length === 0 ? 'the step would fail' : `the step would fail: \`${formatPath(path)}\``
  const hint = choices && typeof value === 'string' ? didYouMean(value, choices.map(String)) : undefined
  const isOfKey = code === 'invalid_key' || code === 'unrecognized_keys'
  report('would_fail', [...parametersPath, ...path], `${name}${saysOf(fault)}`, {
    step: id,
    hint,
    ...(isOfKey && { key: true }),
  })
}

function saysOf({ message, code, choices, wanted, bound, value }: Wrong): string {
  if (code === 'unrecognized_keys') return ' is not known'
  const allowed = choices ? choicesOf(choices) : wanted?.map(kindOf).join(' or ')
  if (value === undefined && allowed !== undefined) return ` is missing: ${allowed}`
  if (choices) return ` is ${allowed}, not ${shown(value)}`
  if (wanted) return ` is ${allowed}, not ${nameOf(value)}`
  return bound ? ` is ${boundOf(bound)}, not ${shown(value)}` : `: ${message}`
}

const choicesOf = (choices: readonly unknown[]) =>
  choices.length === 1 ? String(choices[0]) : `one of ${choices.map(String).join(', ')}`

function boundOf({ side, value, inclusive }: NonNullable<Fault['bound']>): string {
  if (side === 'least') return inclusive ? `${value} or more` : `more than ${value}`
  return inclusive ? `${value} or less` : `less than ${value}`
}

const KINDS: { readonly [type: string]: string | undefined } = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'nothing',
  nonoptional: 'a value',
}

const kindOf = (type: string) => KINDS[type] ?? type

/** The kind of a value, and of a text or a number which. */
function nameOf(value: unknown): string {
  const kind = kindOf(value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
  return typeof value === 'string' || typeof value === 'number' ? `${kind} (${shown(value)})` : kind
}

const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 40)
