import { inputSchemaOf, type ObjectSchema } from '../../tool/schema.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Parameters } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { suggestOrList } from '../spec/suggest.ts'
import type { StepSpec } from '../spec.ts'
import { takesText } from './named.ts'

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
  const known = Object.keys(schema.properties ?? {})
  if (!schema.properties || schema.additionalProperties) return
  for (const given of Object.keys(parameters).filter((given) => !known.includes(given))) {
    const more = { key: true, step: id, hint: suggestOrList(given, known, 'parameters') } as const
    report('unknown_parameter', [...step.parametersPath, given], `\`${name}\` has no parameter \`${given}\``, more)
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
