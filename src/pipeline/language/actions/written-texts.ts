import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { parseNumber } from '../../../tool/parse-text.ts'
import { inputSchemaOf, type PropertySchema } from '../../../tool/schema.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { DocumentPath } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import type { LocatedDocument } from '../source/read-yaml.ts'
import { resolveToolName } from './tool-names.ts'

type Source = Pick<LocatedDocument, 'written' | 'report'>

/**
 * The steps with numbers of parameters as they are written where a tool wants a text: `content: 3.10` is not 3.1 there.
 * Warns where a number loses zeros at its beginning.
 */
export function keepWrittenTexts(steps: readonly StepSpec[], toolbox: Toolbox, source: Source): readonly StepSpec[] {
  return steps.map((step) => {
    const { loop, parameters } = step
    const numbered = hasNumber(parameters) ? { ...step, parameters: parametersOf(step, toolbox, source) } : step
    return loop ? { ...numbered, loop: { ...loop, body: keepWrittenTexts(loop.body, toolbox, source) } } : numbered
  })
}

const hasNumber = (value: Json | undefined): boolean =>
  typeof value === 'number' || (typeof value === 'object' && value !== null && Object.values(value).some(hasNumber))

/** A text; a value that an input of a child pipeline reads as what it declares; or the value that YAML reads. */
type Wanted = 'text' | 'input' | 'value'

function parametersOf(step: StepSpec, toolbox: Toolbox, source: Source): StepParameters {
  const { tool = '', action, parameters, parametersPath } = resolveToolName(step, toolbox)
  const operation = parameters.action ?? action
  const found = toolbox.find(tool, typeof operation === 'string' ? operation : undefined) ?? toolbox.find(tool)
  const { properties = {} } = (found && inputSchemaOf(found)) ?? {}
  const wantedOf = (name: string, value: Json | undefined): Wanted => {
    if (tool === 'pipeline-executor') return name === 'inputs' ? 'input' : 'value'
    return Object.hasOwn(properties, name) && wantsText(properties[name]!, isJsonObject(value)) ? 'text' : 'value'
  }
  return mapFields(parameters, (value, name) =>
    read(value, [...parametersPath, name], wantedOf(name, value), { ...source, step: step.id }),
  )
}

function read(
  value: Json | undefined,
  path: DocumentPath,
  wanted: Wanted,
  source: Source & { readonly step: string },
): Json | undefined {
  if (Array.isArray(value)) return value.map((item, at) => read(item, [...path, at], 'value', source)) as Json
  if (isJsonObject(value)) return mapFields(value, (one, name) => read(one, [...path, name], wanted, source))
  if (typeof value !== 'number') return value
  const { written, report, step } = source
  const text = written(path)
  if (text === undefined || text === String(value)) return value
  if (wanted === 'text' || (wanted === 'input' && parseNumber(text) === value)) return text
  if (/^[-+]?0\d/.test(text)) {
    const hint = `Write "${text}" in quotes for the text.`
    report('zeros_dropped', path, `\`${text}\` is read as the number ${value}`, { step, hint })
  }
  return value
}

function mapFields(
  fields: JsonObject,
  change: (value: Json | undefined, name: string) => Json | undefined,
): StepParameters {
  const changed = Object.entries(fields).map(([name, value]) => [name, change(value, name)])
  return Object.fromEntries(changed) as StepParameters
}

/** Whether a parameter is a text, or a map whose values become texts. */
function wantsText({ type, additionalProperties, anyOf = [] }: PropertySchema, isMap: boolean): boolean {
  // a text or a number: what the tool names first
  if (!isMap) return type === 'string' || anyOf[0]?.type === 'string'
  const inner = (additionalProperties ?? {}) as PropertySchema
  const options = [inner, ...(inner.anyOf ?? [])]
  return options.some((one) => one.type === 'string') || anyOf.some((one) => wantsText(one, true))
}
