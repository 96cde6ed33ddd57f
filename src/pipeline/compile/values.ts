import type { Json } from '../../kernel/schema.ts'
import { inputSchemaOf, type PropertySchema } from '../../tool/schema.ts'
import { readTexts } from '../../tool/texts.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Parameters } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { didYouMean } from '../spec/suggest.ts'
import type { StepSpec } from '../spec.ts'

/** Reports parameters whose author wrote a value that the tool will not take, as far as its schema tells. */
export function checkValues(tool: Tool, parameters: Parameters, step: StepSpec, report: Report): void {
  const properties = inputSchemaOf(tool)?.properties ?? {}
  const written = Object.entries(parameters).filter(
    ([name, value]) => Object.hasOwn(properties, name) && isPlain(value),
  )
  for (const [name, value = null] of Object.entries(readTexts(tool, Object.fromEntries(written)))) {
    const property = properties[name]!
    if (fits(property, value)) continue
    const words = wordsOf(property)
    const hint = typeof value === 'string' ? didYouMean(value, words) : undefined
    const is = words.length > 0 ? `is one of ${words.join(', ')}` : `is ${wantedBy(property)}, not ${kindOf(value)}`
    report('would_fail', [...step.parametersPath, name], `the step would fail: \`${name}\` ${is}`, {
      step: step.id,
      hint,
    })
  }
}

/** Whether a value is what it will be when the step runs: no template, no tag, no reference anywhere in it. */
export function isPlain(value: Json | undefined): boolean {
  return !/\{\{|\{%|\{#|<AUTO|"\$\w/.test(JSON.stringify(value) ?? '')
}

function fits({ type, anyOf, enum: listed, const: only }: PropertySchema, value: Json): boolean {
  if (anyOf) return anyOf.some((option) => fits(option, value))
  if (only !== undefined) return only === value
  if (listed) return listed.some((one) => one === value)
  return type === undefined || [type].flat().some((one) => isOf(one, value))
}

function isOf(type: string, value: Json): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'null') return value === null
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}

/** The words a parameter may be, where it may be nothing else. */
function wordsOf({ anyOf = [], enum: listed = [] }: PropertySchema): readonly string[] {
  return anyOf.length > 0 ? [] : listed.map(String)
}

const KINDS: { readonly [type: string]: string } = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
}

function wantedBy({ type, anyOf = [] }: PropertySchema): string {
  const types = anyOf.length > 0 ? anyOf.flatMap((option) => option.type ?? []) : [type ?? []].flat()
  return [...new Set(types.flat())].map((one) => KINDS[one] ?? one).join(' or ')
}

function kindOf(value: Json): string {
  const shown = typeof value === 'string' ? ` (${JSON.stringify(value).slice(0, 40)})` : ''
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return `${KINDS[kind]}${shown}`
}
