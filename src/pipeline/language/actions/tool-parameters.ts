import { inputSchemaOf, type ObjectSchema } from '../../../tool/schema.ts'
import type { Tool } from '../../../tool/tool.ts'
import type { Parameters } from '../../plan/compiled.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import { formatPath, type Report } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { strayKeysIn } from './stray-keys.ts'
import { takesText } from './tool-names.ts'

/** Reports parameters a tool needs and does not get, and those it does not know, as far as its schema tells. */
export function checkParameters(tool: Tool, parameters: Parameters, step: StepSpec, report: Report): void {
  const schema = inputSchemaOf(tool)
  if (!schema) return
  const { id, said } = step
  const name = said ?? tool.name
  const line = said !== undefined && takesText(said) ? `or write the text behind it: action: ${said} ready` : undefined
  for (const needed of missingIn(schema, parameters)) {
    const at = Object.keys(step.parameters).length > 0 ? step.parametersPath : step.path
    report('missing_parameter', at, `\`${name}\` needs the parameter ${needed}`, { step: id, hint: line })
  }
  checkInside(name, schema, parameters, step, report)
  const known = Object.keys(schema.properties ?? {})
  if (!schema.properties || schema.additionalProperties) return
  for (const given of Object.keys(parameters).filter((given) => !known.includes(given))) {
    const more = { key: true, step: id, hint: suggestOrList(given, known, 'parameters') } as const
    report('unknown_parameter', [...step.parametersPath, given], `\`${name}\` has no parameter \`${given}\``, more)
  }
}

/** Keys that are told of one step. */
const MOST = 20

/** Reports what stands deeper in a parameter and will be left out. */
function checkInside(
  name: string,
  { properties = {} }: ObjectSchema,
  parameters: Parameters,
  { id, parametersPath }: StepSpec,
  report: Report,
): void {
  const strays = Object.keys(parameters).flatMap((given) =>
    Object.hasOwn(properties, given) ? strayKeysIn(properties[given]!, parameters[given], [given]) : [],
  )
  for (const { path, known } of strays.slice(0, MOST)) {
    const more = { key: true, step: id, hint: suggestOrList(String(path.at(-1)), known, 'keys') } as const
    report('unknown_parameter', [...parametersPath, ...path], `\`${name}\` does not know \`${formatPath(path)}\``, more)
  }
}

/** What is needed and not given; of parameters that stand in for each other, all of them. */
function missingIn({ required = [], anyOf = [] }: ObjectSchema, parameters: Parameters): readonly string[] {
  const isGiven = (name: string) => parameters[name] !== undefined
  const choices = anyOf.map(({ required = [] }) => required)
  const others = choices.length > 0 && !choices.some((names) => names.every(isGiven)) ? [choices.flat()] : []
  return [...required.filter((name) => !isGiven(name)).map((name) => [name]), ...others].map((names) =>
    names.map((name) => `\`${name}\``).join(' or '),
  )
}
